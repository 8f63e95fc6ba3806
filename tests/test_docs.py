import re

from family_guide.settings import ROOT

CODE = re.compile(r"\b[ALPS]\d{3}\b")


def _codes(text):
    return set(CODE.findall(text))


def test_every_code_of_a_content_check_is_documented_and_no_other():
    checks = [*(ROOT / "family_guide").rglob("*check*.py"), *(ROOT / "family_guide").rglob("loader.py")]
    used = _codes("\n".join(file.read_text("utf-8") for file in checks))
    assert len(used) > 30
    assert _codes((ROOT / "docs" / "content-checks.md").read_text("utf-8")) == used


def test_links_of_the_pages_lead_somewhere():
    broken = []
    for page in [ROOT / "README.md", ROOT / "benchmarks" / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []
