"""A worked 25-year cash flow against a spreadsheet: LibreOffice computes the same project by itself."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from numpy.testing import assert_allclose

from potential import money, money_costs
from potential.money import Finance

# A school roof: 250 kWp, 272.5 MWh in year 1, 65 % used on site, 70 % borrowed over 15 years, some rent.
KWP, KWH, YEARS = 250.0, 272_500.0, 25
CAPEX_PER_W, OM_PER_W, INVERTER_PER_W, INVERTER_YEAR = 2.8428, 0.045, 0.10, 13
SELF_USE, RETAIL, FEED_IN, RENT, CONNECTION = 0.65, 0.58, 0.30, 3000.0, 30_000.0
RATE, DEGRADATION, LOAN_SHARE, LOAN_RATE, LOAN_YEARS = 0.06, 0.004, 0.7, 0.035, 15

TERMS = Finance(
    life_years=YEARS,
    discount_rate=RATE,
    degradation=DEGRADATION,
    inverter_cny_per_w=INVERTER_PER_W,
    inverter_year=INVERTER_YEAR,
    loan_share=LOAN_SHARE,
    loan_rate=LOAN_RATE,
    loan_years=LOAN_YEARS,
)
BY_LIBREOFFICE = {
    "npv": 766362.529109689,
    "irr": 0.318789443326825,
    "lcoe": 0.278122175711137,
    "payback": 3.10712134857483,
    "year_1": 72077.0697844056,
    "year_13": 40909.3773048175,
    "year_25": 105049.237261105,
}
"""What LibreOffice Calc 7.4.7 gave for this project."""


def ours():
    price = float(money_costs.mean_price(SELF_USE, RETAIL, FEED_IN))
    site = money.site_economics(
        KWP,
        KWH,
        capex_cny_per_w=CAPEX_PER_W,
        om_cny_per_w_year=OM_PER_W,
        price_cny_kwh=price,
        land_rent_cny_year=RENT,
        connection_cny=CONNECTION,
        finance=TERMS,
    )
    flows = money.cash_flow(
        KWP * 1000 * CAPEX_PER_W + CONNECTION,
        KWH,
        price_cny_kwh=price,
        costs_year=KWP * 1000 * OM_PER_W + RENT,
        inverter=KWP * 1000 * INVERTER_PER_W,
        finance=TERMS,
    )
    return site, flows


def write_workbook(path):
    """The project as a person would set it up: inputs in column B, years in rows, the sheet's functions."""
    inputs = {
        "kwp": KWP,
        "kwh": KWH,
        "capex_w": CAPEX_PER_W,
        "om_w": OM_PER_W,
        "inverter_w": INVERTER_PER_W,
        "inverter_year": INVERTER_YEAR,
        "self_use": SELF_USE,
        "retail": RETAIL,
        "feed_in": FEED_IN,
        "rent": RENT,
        "connection": CONNECTION,
        "rate": RATE,
        "degradation": DEGRADATION,
        "loan_share": LOAN_SHARE,
        "loan_rate": LOAN_RATE,
        "loan_years": LOAN_YEARS,
    }
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("cash")
    cell = {}
    for row, (name, value) in enumerate(inputs.items(), start=1):
        sheet.write(f"A{row}", name)
        sheet.write(f"B{row}", value)
        cell[name] = f"$B${row}"
    sheet.write_formula("B20", f"={cell['kwp']}*1000*{cell['capex_w']}+{cell['connection']}")
    sheet.write_formula("B21", f"=-PMT({cell['loan_rate']},{cell['loan_years']},B20*{cell['loan_share']})")
    price = f"({cell['self_use']}*{cell['retail']}+(1-{cell['self_use']})*{cell['feed_in']})"
    costs = f"({cell['kwp']}*1000*{cell['om_w']}+{cell['rent']})"
    sheet.write_formula("G30", f"=-B20*(1-{cell['loan_share']})")
    sheet.write_formula("H30", "=G30")
    for year in range(1, YEARS + 1):
        row = 30 + year
        sheet.write(f"A{row}", year)
        sheet.write_formula(f"B{row}", f"={cell['kwh']}*(1-{cell['degradation']})^(A{row}-1)")
        sheet.write_formula(f"C{row}", f"=B{row}*{price}")
        inverter = f"IF(A{row}={cell['inverter_year']},{cell['kwp']}*1000*{cell['inverter_w']},0)"
        sheet.write_formula(f"D{row}", f"={costs}+{inverter}")
        sheet.write_formula(f"E{row}", f"=IF(A{row}<={cell['loan_years']},$B$21,0)")
        sheet.write_formula(f"G{row}", f"=C{row}-D{row}-E{row}")
        sheet.write_formula(f"H{row}", f"=H{row - 1}+G{row}")
        sheet.write_formula(f"I{row}", f"=IF(AND(H{row - 1}<0,H{row}>=0),A{row - 1}-H{row - 1}/G{row},0)")
    sheet.write("A30", 0)
    first, last = 31, 30 + YEARS
    sheet.write_formula("B22", f"=G30+NPV({cell['rate']},G{first}:G{last})")
    sheet.write_formula("B23", f"=IRR(G30:G{last})")
    energy, spent = f"NPV({cell['rate']},B{first}:B{last})", f"NPV({cell['rate']},D{first}:D{last})"
    sheet.write_formula("B24", f"=(B20+{spent})/{energy}")
    sheet.write_formula("B25", f"=MAX(I{first}:I{last})")
    book.close()


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed (apt install libreoffice-calc): its kept results are used")
    folder = tmp_path_factory.mktemp("calc")
    write_workbook(folder / "cash.xlsx")
    calc = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to"]
    for kind, out, file in (("ods", folder, "cash.xlsx"), ("xlsx", folder / "out", "cash.ods")):
        command = [*calc, kind, "--outdir", str(out), str(folder / file)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return openpyxl.load_workbook(folder / "out" / "cash.xlsx", data_only=True)["cash"]


def test_every_year_and_result_is_the_spreadsheets(computed):
    site, flows = ours()
    theirs = [computed[f"G{30 + year}"].value for year in range(YEARS + 1)]
    assert_allclose(flows, theirs, rtol=1e-9)
    assert_allclose(site.npv, computed["B22"].value, rtol=1e-9)
    assert_allclose(site.irr, computed["B23"].value, rtol=1e-7)
    assert_allclose(site.lcoe, computed["B24"].value, rtol=1e-9)
    assert_allclose(site.payback_years, computed["B25"].value, rtol=1e-9)
    kept = [computed[f"B{row}"].value for row in (22, 23, 24, 25)]
    kept += [computed[f"G{30 + year}"].value for year in (1, 13, 25)]
    assert_allclose(list(BY_LIBREOFFICE.values()), kept, rtol=1e-8)


def test_the_results_that_libreoffice_gave_are_kept():
    site, flows = ours()
    found = [float(value) for value in (site.npv, site.irr, site.lcoe, site.payback_years)]
    found += [float(flows[year]) for year in (1, 13, 25)]
    assert np.all(np.isfinite(found))
    assert_allclose(found, list(BY_LIBREOFFICE.values()), rtol=1e-7)
