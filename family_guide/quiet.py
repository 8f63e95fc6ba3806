"""Nothing this assistant runs reports to anyone.

Imported before Rasa by everything in this package, so that no user setting can
switch telemetry or error reporting on again.
"""

import os

_OFF = {
    # Rasa: usage reporting, and the error reporting that goes with it.
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_TELEMETRY_WRITE_KEY": "",
    "RASA_EXCEPTION_WRITE_KEY": "",
    "SENTRY_DSN": "",
    # Libraries that look for newer files or report usage when they may.
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
}

_CALMER = {
    # Notes of TensorFlow and SQLAlchemy on their own start-up, of no use to an operator.
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}

_ONE_THREAD = {
    # One message is a product of a few hundred numbers: waking threads for it costs ten times as much as computing it.
    "OPENBLAS_NUM_THREADS": "1",
}


def apply() -> None:
    """Switch telemetry and error reporting off in this process and those it starts.

    Overrules whatever the environment or the user's own Rasa settings say.
    """
    os.environ.update(_OFF)
    for name, value in (_CALMER | _ONE_THREAD).items():
        os.environ.setdefault(name, value)
