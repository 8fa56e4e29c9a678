"""Names in every writing: drawn whole or printed as code points, and never a character left out without a word."""

import io
import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from importlib.metadata import version

import pypdf
import pytest
import typst

from app.exchange.pack import Part, make_pack, make_part, verify_pack
from app.exchange.pack.verifying import Outcome
from app.exchange.paper import TYPESETTER, Sheet, press
from app.exchange.paper.fonts import LETTERS, ORDER, PACKAGES, SCRIPTS, Font, Package, fonts, open_fonts
from app.exchange.paper.glyphs import Glyphs, signs
from app.exchange.paper.press import FOLDER
from tests.factories import NOON

NAMES = {
    "Latin": "Łukasz Đặng-Ñandú Ștefan Ọlámidé",
    "Latin, decomposed": "Nguye\u0302\u0303n Zo\u0308e",
    "Greek": "Γιώργος Παπαδόπουλος",
    "Cyrillic": "Євген Жданов",
    "Hebrew": "שרה כהן",
    "Hebrew with points": "בְּרֵאשִׁ֖ית",
    "Arabic": "محمد عبد الله",
    "Persian, with a joiner that holds apart": "می\u200cخواهم پژمان",  # noqa: RUF001 - letters of its own
    "Devanagari": "प्रिया शर्मा",
    "Bengali": "রবীন্দ্রনাথ",
    "Tamil": "கார்த்திக்",
    "Thai": "สมชาย ใจดี",
    "Khmer": "ចាន់ ធារ៉ា",
    "Burmese": "အောင်ဆန်း",
    "Chinese": "王小明",
    "Chinese, beyond the first plane": "𠮷野",
    "Japanese": "山田 たろう",
    "Japanese, decomposed": "か\u3099",
    "Korean": "김철수",
    "Korean, decomposed": "\u1112\u1161\u11ab",
    "Georgian": "ქეთევან",
    "Armenian": "Հայկ",
    "Ethiopic": "አበበ",
    "emoji": "Li 🎉 😀",
    "joined emoji": "👩‍⚕️ 👍🏽 🇩🇪 🏳️‍🌈 ❤️",
}
REORDERED = {"Hebrew", "Hebrew with points", "Arabic", "Persian, with a joiner that holds apart", "Devanagari",
             "Bengali", "Tamil", "Khmer", "Burmese"}  # fmt: skip
"""What the reader of PDFs gives back in the order of its shapes."""
NOBODYS = "𒀀𒁀"
"""Cuneiform: in no font here."""


def sheet(name):
    """A page with little on it but the patient."""
    patient = {"name": name, "birth_date": "1984-03-11", "record_number": "R-77", "clinic": "Clinic", "session": "s"}
    made = {"zone": "UTC", "day": "7 March 2026", "made": "then", "made_by": "them", "missing": 0, "groups": []}
    return Sheet("monitoring.typ", f"Summary: {name}", {"demo": False, "patient": patient, **made}, NOON)


def text_of(pdf):
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return unicodedata.normalize(
        "NFC", re.sub(r"[\s\u2066-\u2069]+", " ", " ".join(one.extract_text() for one in pages))
    )


def glyphs_of(text, stack):
    """How many shapes the typesetter puts on the page for a text."""
    given = {"text": text, "fonts": json.dumps([font.document() for font in stack])}
    drawn = typst.compile(FOLDER / "trial.typ", root=FOLDER, format="svg", font_paths=fonts().files, sys_inputs=given)
    return drawn.count(b"<use ")


def draws(text, stack):
    given = {"text": text, "fonts": json.dumps([font.document() for font in stack])}
    try:
        typst.compile(
            FOLDER / "trial.typ",
            root=FOLDER,
            format="pdf",
            font_paths=fonts().files,
            sys_inputs=given,
            pdf_standards=["ua-1"],
        )
    except typst.TypstError:
        return False
    return True


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("writing", NAMES)
def test_a_name_is_drawn_in_its_own_letters(writing):
    name = NAMES[writing]
    printed = press(sheet(name))
    text = text_of(printed.pdf)
    assert printed.spelt == []
    assert "<U+" not in text
    assert "no picture" not in text
    wanted = unicodedata.normalize("NFC", name)
    assert set(wanted) - {"\u200c"} <= set(text)
    if writing not in REORDERED:
        assert wanted.split()[0] in text


def test_a_record_full_of_names_is_drawn_and_drawn_again_the_same(taken):
    names = "; ".join(NAMES.values())
    patient = replace(taken.record.patient.value, family_name=NAMES["Chinese"], given_names=(NAMES["Arabic"],))
    first = taken.record.readings[0]
    noted = replace(first.revisions[0], value=replace(first.revisions[0].value, note=names))
    record = replace(
        taken.record,
        patients=(replace(taken.record.patient, value=patient),),
        readings=(replace(first, revisions=(noted, *first.revisions[1:])), *taken.record.readings[1:]),
    )
    one = replace(taken, record=record)
    text = text_of(make_part(one, Part.PDF))
    assert "<U+" not in text
    assert set(unicodedata.normalize("NFC", names)) - {"\u200c"} <= set(text)
    assert {line.outcome for line in verify_pack(make_pack(one)) if line.part.endswith(".pdf")} == {Outcome.HOLDS}


# --- what no font has ------------------------------------------------------------------------------------------------


def test_what_no_font_has_is_its_code_point_and_named_on_the_page():
    printed = press(sheet(f"{NOBODYS} Ada"))
    text = text_of(printed.pdf)
    assert printed.spelt == list(NOBODYS)
    assert "<U+12000><U+12040>" in text.replace(" ", "")
    assert "Some characters have no picture here" in text
    assert "U+12000 CUNEIFORM SIGN A, U+12040 CUNEIFORM SIGN BA." in text
    assert "not installed" not in text


def test_many_of_them_are_counted():
    text = text_of(press(sheet("".join(chr(0x12000 + number) for number in range(15)))).pdf)
    assert "and 3 more" in text
    assert "U+1200B" in text


def test_a_sign_whose_parts_no_one_font_has_is_spelt_whole():
    printed = press(sheet("क\u0301"))
    assert printed.spelt == ["\u0301", "क"]
    assert "<U+0915><U+0301>" in text_of(printed.pdf).replace(" ", "")


def test_without_the_fonts_it_is_said_which_are_missing():
    """In a process of its own, in which the packages cannot be found."""
    program = """
import sys
for name in ("manimgx_fonts", "manimgx_fonts_cjk"):
    sys.modules[name] = None
from app.exchange.paper import TYPESETTER
from tests.exchange.pack.test_scripts import press, sheet, text_of
print(TYPESETTER)
print(ascii(text_of(press(sheet("\\u738b Ada")).pdf)))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    typesetter, text = ran.stdout.splitlines()
    assert typesetter == f"typst {version('typst')}"
    assert "<U+738B>" in text
    assert "U+738B CJK UNIFIED IDEOGRAPH-738B" in text
    for package in PACKAGES:
        assert f"{package.scripts} ({package.name})" in text


# --- the typesetter's gap --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["王\u0301", "क\u0301", "\ua66e\u0301", "👩\u200d⚕\ufe0f"])
def test_what_the_typesetter_would_drop_without_a_word_is_noticed(sign):
    """Asked in the careless order, it draws fewer shapes than there are and does not complain: the control."""
    careless = [Font("Libertinus Serif"), Font("Noto Sans Symbols"), *(Font(font.name) for font in ORDER)]
    assert draws(sign, careless)
    assert glyphs_of(sign, careless) == 1
    shown, spelt = Glyphs(draws, careless).shown(sign)
    assert spelt == set(sign)
    assert shown.count("<U+") == len(sign)


@pytest.mark.parametrize(
    ("sign", "least"), [("王\u0301", 2), ("x\u030c\u0301", 2), ("e\u0323\u0302", 1), ("か\u3099", 1)]
)
def test_in_our_order_it_is_drawn_whole(sign, least):
    assert Glyphs(draws, fonts().stack).shown(sign) == (sign, frozenset())
    assert glyphs_of(sign, fonts().stack) >= least


def test_a_sign_is_a_character_and_what_leans_on_it():
    assert signs("ab") == ["a", "b"]
    assert signs("e\u0301x") == ["e\u0301", "x"]
    assert signs("👩\u200d⚕\ufe0f!") == ["👩\u200d⚕\ufe0f", "!"]
    assert signs("👍🏽👍") == ["👍🏽", "👍"]
    assert signs("\u0301a") == ["\u0301", "a"]


# --- the fonts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_has_its_font_and_no_other_is_asked(script):
    font = Font(f"Noto Sans {script}", SCRIPTS[script])
    assert font in fonts().stack
    letters = [chr(code) for first, last in SCRIPTS[script] for code in range(first, last + 1)
               if unicodedata.category(chr(code)) in {"Lo", "Lu", "Ll"}]  # fmt: skip
    assert sum(draws(one, [font]) for one in letters[:12]) >= 10
    assert not any(first <= ord(letters[0]) <= last for first, last in LETTERS)


def test_no_family_that_is_installed_is_forgotten():
    regional = {f"Noto Sans CJK {place}" for place in ("HK", "JP", "KR", "TC")}
    assert set(fonts().files.families()) - {font.name for font in fonts().stack} == regional | {"New Computer Modern"}
    assert fonts().missing == ()


def test_the_fonts_are_named_with_their_versions():
    drawn_by = ["typst", *(package.name for package in PACKAGES)]
    assert ", ".join(f"{name} {version(name)}" for name in drawn_by) == TYPESETTER


def test_a_package_that_is_not_there_is_missing_and_nothing_else():
    absent = Package("fonts-of-nowhere", "nothing")
    found = open_fonts((absent,))
    assert found.missing == (absent,)
    assert [font.name for font in found.stack] == ["Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern Math"]
