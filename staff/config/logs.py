"""Log lines that a collector of logs can read."""

import json
import logging
import time


class JsonFormatter(logging.Formatter):
    """Writes an entry as one line of JSON, with the place of an exception and not its words."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: what is said, never what it is said about in a page of a family."""
        entry = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        request = getattr(record, "request", None)
        number = getattr(request, "headers", {}).get("X-Request-ID") if request is not None else None
        if number:
            entry["request_id"] = number
        if record.exc_info and record.exc_info[0]:
            entry["exception"] = record.exc_info[0].__name__
            frame = record.exc_info[2]
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            if frame is not None:
                entry["place"] = f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}"
        return json.dumps(entry)
