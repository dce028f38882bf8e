"""Writes the comparison files with python-stdnum 2.2: value, its verdict, and where we differ on purpose, why.

Run from this folder: python3 generate.py (needs python-stdnum). The files are committed; the tests only read them.
The data date of the comparison is 2026-10-31. All numbers are made up.
"""

import csv
import random
from datetime import date, timedelta

from stdnum import lei, luhn
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_10, mod_37_36, mod_97_10

COUNT = 2000
DATA_DATE = date(2026, 10, 31)
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
random.seed(20261031)

with open("../../../rules/common/data/area_codes.csv", encoding="utf-8") as file:
    AREAS = sorted({row["code"] for row in csv.DictReader(file)})


def resident_valid(value):
    """stdnum stops with a KeyError where it knows the province but not the county: it does not accept the number."""
    try:
        return ric.is_valid(value)
    except KeyError:
        return False


def damage(value, alphabet):
    """The value, or (one time in two) a spoilt one: a character changed, two swapped, one lost."""
    kind = random.randrange(6)
    place = random.randrange(len(value))
    if kind == 0:
        return value[:place] + random.choice(alphabet) + value[place + 1:]
    if kind == 1 and place:
        return value[:place - 1] + value[place] + value[place - 1] + value[place + 1:]
    if kind == 2:
        return value[:place] + value[place + 1:]
    return value


def resident():
    area = random.choice(AREAS) if random.random() < 0.9 else f"{random.randrange(10**6):06d}"
    day = date(1930, 1, 1) + timedelta(days=random.randrange(45000))
    text = day.strftime("%Y%m%d") if random.random() < 0.95 else f"19{random.randrange(10**6):06d}"
    body = f"{area}{text}{random.randrange(1000):03d}"
    return damage(body + ric.calc_check_digit(body + "0"), DIGITS + "X")


def resident_difference(value, verdict):
    """A verdict of ours that differs, and why."""
    if len(value) != 18 or not value[:-1].isdigit() or value[-1] != ric.calc_check_digit(value):
        return verdict, ""
    try:
        birth = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return verdict, ""
    if birth > DATA_DATE:
        return False, "born after the data date"
    if value[:6] in ("810000", "820000", "830000"):
        return False, "residence permit, not a resident identity card"
    if not 1800 <= birth.year:
        return False, "born before 1800"
    ours = value[:6] in AREAS
    if ours != verdict:
        return ours, "area code exists, though not in the year of birth" if ours else "area code in no year of our table"
    return ours, ""


def organisation_check(body):
    total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2)))
    return "0123456789X0"[11 - total % 11]


def credit():
    first = random.choice(["91", "92", "93", "12", "51", "11", "5" + random.choice("1239"), "A1", "N2", "Y1"])
    body = first + random.choice(AREAS) + "".join(random.choice(USCC_ALPHABET) for _ in range(8))
    body += organisation_check(body[8:]) if random.random() < 0.8 else random.choice("0123456789X")
    return damage(body + uscc.calc_check_digit(body + "0"), DIGITS + LETTERS)


def credit_difference(value, verdict):
    if not verdict and len(value) == 18 and value[0] in USCC_ALPHABET and value[1] in USCC_ALPHABET:
        if not value[:2].isdigit() and value[2:8].isdigit() and all(c in USCC_ALPHABET for c in value):
            if value[-1] == uscc.calc_check_digit(value):
                return True, "letters are allowed in the first two places"
    return verdict, ""


def card():
    body = random.choice(["62", "4", "5", "9"]) + "".join(random.choice(DIGITS) for _ in range(random.randrange(11, 17)))
    return damage(body + luhn.calc_check_digit(body), DIGITS)


def card_difference(value, verdict):
    if verdict and not 13 <= len(value) <= 19:
        return False, "not 13 to 19 digits"
    return verdict, ""


def entity():
    body = "".join(random.choice(DIGITS + LETTERS) for _ in range(18))
    return damage(body + mod_97_10.calc_check_digits(body), DIGITS + LETTERS)


def entity_difference(value, verdict):
    if verdict and len(value) != 20:
        return False, "not 20 characters"
    if verdict and not value[18:].isdigit():
        return False, "the last two places are digits"
    return verdict, ""


def registration():
    body = random.choice(AREAS) + "".join(random.choice(DIGITS) for _ in range(8))
    return damage(body + mod_11_10.calc_check_digit(body), DIGITS)


def registration_difference(value, verdict):
    if verdict and len(value) != 15:
        return False, "not 15 digits"
    return verdict, ""


def institution():
    body = random.choice("BCDG") + "".join(random.choice(DIGITS) for _ in range(16))
    return damage(body + mod_37_36.calc_check_digit(body), DIGITS + LETTERS)


def institution_difference(value, verdict):
    if verdict and not (len(value) == 18 and value[0] in LETTERS and value[1:17].isdigit()):
        return False, "not a letter, 16 digits and a check character"
    return verdict, ""


KINDS = {
    "resident_id": (resident, resident_valid, resident_difference),
    "uscc": (credit, uscc.is_valid, credit_difference),
    "bank_card": (card, luhn.is_valid, card_difference),
    "lei": (entity, lei.is_valid, entity_difference),
    "biz_reg": (registration, mod_11_10.is_valid, registration_difference),
    "institution_credit": (institution, mod_37_36.is_valid, institution_difference),
}

for kind, (make, valid, difference) in KINDS.items():
    with open(f"{kind}.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["value", "stdnum", "ours", "why"] + (["embedded"] if kind == "uscc" else []))
        for _ in range(COUNT):
            value = make()
            verdict = bool(valid(value))
            ours, why = difference(value, verdict)
            row = [value, int(verdict), int(ours), why if ours != verdict else ""]
            if kind == "uscc":
                row.append(int(ours and organisation_check(value[8:16]) == value[16]))
            out.writerow(row)
