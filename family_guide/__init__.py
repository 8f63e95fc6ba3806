"""Family Guide: an assistant for families of a child who may have, or has, ASPS."""

from family_guide import quiet

quiet.apply()
