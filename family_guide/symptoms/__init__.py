"""What a message says about symptoms: present or denied, where on the body, since when.

Plain Python and spaCy rules over `content/symptoms.yml`; nothing here imports Rasa. The extractor
is imported from `family_guide.symptoms.extractor`, so that the symptom check, which needs only
`Finding`, does not load spaCy.
"""

from family_guide.symptoms.findings import Finding

__all__ = ["Finding"]
