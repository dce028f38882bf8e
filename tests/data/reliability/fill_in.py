"""Fills in the workbooks of a job so small that it can be run hundreds of times, with openpyxl.

Run from this folder: python3 fill_in.py ../../../target/release/baosong. Of four loans, one of the first three has the
amount 0, and the fourth always. For each of the three, returned/ has two workbooks that correct it, to 450 and to 460.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "fix"))

from generate import Returned  # noqa: E402


def main(program):
    out = HERE / "returned"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    for wrong in range(3):
        with tempfile.TemporaryDirectory() as folder:
            job = pathlib.Path(folder) / "job"
            shutil.copytree(HERE / "job", job)
            loans = "".join(f"JJ{loan},{0 if loan in (wrong, 3) else 500}\n" for loan in range(4))
            (job / "submissions/150102.csv").write_text("借据号,贷款金额(万元)\n" + loans, encoding="utf-8")
            command = [program, "run", str(job), "--out", f"{folder}/out", "--ledger", f"{folder}/l.db", "-q"]
            subprocess.run(command, check=False)
            for value in (450, 460):
                book = Returned(f"{folder}/out/2026-10/errors/150102-城关社部.xlsx")
                book.cell("150102", f"JJ{wrong}", "贷款金额(万元)").value = value
                book.save_to(out / f"{wrong}-{value}.xlsx")


main(sys.argv[1])
