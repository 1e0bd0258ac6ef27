"""The commands, as whole processes, the way an organiser or a nightly job runs them."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from servers.base import until

COMMAND = str(Path(os.environ.get("VENUES_TEST_BIN") or Path(sys.executable).parent) / "venues")


def venues(
    *words: str, db: Path | None = None, stdin: bytes | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VENUES_")}
    environment |= {"VENUES_DB": str(db), "COLUMNS": "80"} if db else {"COLUMNS": "80"}
    done = subprocess.run(
        [COMMAND, *words], capture_output=True, env=environment, input=stdin, check=False, timeout=300, cwd=cwd
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def lines_of(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Listings that no two share a word of their names."""
    return [
        {"platform": "forum", "native_id": f"n{number}", "title": f"Club {number}", "description": f"Chess, {number}."}
        for number in range(start, start + count)
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "venues.db"


SMALL = [
    {
        "platform": "facebook",
        "native_id": "brighton-mums",
        "kind": "group",
        "title": "Brighton and Hove Mums",
        "description": "New mums and babies meet and swap tips.",
        "place": "Brighton",
        "country": "GB",
        "members": 4200,
        "url": "https://social.example/brighton-mums",
    },
    {
        "platform": "facebook",
        "native_id": "michigan-mums",
        "kind": "group",
        "title": "Brighton Moms",
        "description": "Moms of toddlers around Livingston County.",
        "place": "Brighton, Michigan",
        "country": "US",
    },
    {"platform": "forum", "native_id": "trains", "kind": "forum", "title": "Steam trains", "description": "Engines."},
]


def test_find_puts_the_local_group_first_and_says_what_it_left_out(db: Path, tmp_path: Path) -> None:
    venues("import", str(write(tmp_path / "few.jsonl", SMALL)), db=db)
    found = venues("find", "--no-crawl", "--json", "young mums in Brighton", db=db)
    assert 0 == found.returncode, found.stderr
    answer = json.loads(found.stdout)
    assert "brighton-mums" == answer["suggestions"][0]["native_id"]
    assert "local" == answer["suggestions"][0]["scope"]
    assert {"elsewhere": 1} == answer["left_out"]
    assert "michigan-mums" not in {each["native_id"] for each in answer["suggestions"]}
    for suggestion in answer["suggestions"]:
        assert pytest.approx(suggestion["score"], abs=1e-3) == sum(part["points"] for part in suggestion["parts"])


def test_the_table_fits_80_columns_and_shows_each_address_whole(db: Path, tmp_path: Path) -> None:
    long = SMALL[0] | {"native_id": "long", "title": "A very long name " * 20, "url": "https://x.example/" + "y" * 120}
    venues("import", str(write(tmp_path / "few.jsonl", [*SMALL, long])), db=db)
    shown = venues("find", "--no-crawl", "--explain", "young mums in Brighton", db=db)
    assert 0 == shown.returncode, shown.stderr
    too_wide = [line for line in shown.stdout.splitlines() if len(line) > 80 and "https://" not in line]
    assert [] == too_wide
    assert "https://x.example/" + "y" * 120 in shown.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["find", "--no-crawl", ""], "Say whom you want to reach"),
        (["find", "--no-crawl", "mums in Brightonn"], "Brighton"),
        (["find", "--no-crawl", "--kind", "pub", "mums in Brighton"], "no kind of venue"),
        (["import", "no-such-file.jsonl"], "cannot be read"),
        (["crawl", "--site", "matrx:https://matrix.example"], "matrix"),
        (["opt-out", "brighton"], "PLATFORM:ID"),
    ],
)
def test_a_bad_request_ends_with_code_2_and_one_sentence_that_mends_it(words: list[str], said: str, db: Path) -> None:
    done = venues(*words, db=db)
    assert 2 == done.returncode, done.stdout + done.stderr
    complaint = [line for line in done.stderr.splitlines() if line.startswith("venues: ")]
    assert 1 == len(complaint), done.stderr
    assert said in complaint[0]
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    db = tmp_path / "notes.txt"
    db.write_text("Dear diary, " * 500)
    done = venues("find", "--no-crawl", "mums in Brighton", db=db)
    assert 1 == done.returncode
    assert str(db) in done.stderr
    assert "Dear diary, " * 500 == db.read_text()


def test_the_first_find_fills_an_empty_store_with_the_starter_directory(db: Path) -> None:
    done = venues("find", "--no-crawl", "--json", "young mums in Brighton", db=db)
    assert 0 == done.returncode, done.stderr
    answer = json.loads(done.stdout)
    assert 10 == len(answer["suggestions"])
    assert {"starter"} == {source["source"] for each in answer["suggestions"] for source in each["sources"]}


def test_a_store_that_holds_listings_is_never_given_the_starter_directory(db: Path, tmp_path: Path) -> None:
    venues("import", str(write(tmp_path / "few.jsonl", SMALL)), db=db)
    venues("find", "--no-crawl", "dads", db=db)
    exported = venues("export", db=db).stdout.splitlines()
    assert len(SMALL) == len(exported)


def test_export_gives_back_the_rows_that_were_imported(db: Path, tmp_path: Path) -> None:
    rows = sorted([*SMALL, *lines_of(50)], key=lambda row: (row["platform"], row["native_id"]))
    packed = tmp_path / "rows.jsonl.gz"
    packed.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    assert 0 == venues("import", str(packed), db=db).returncode
    assert rows == [json.loads(line) for line in venues("export", db=db).stdout.splitlines()]
    assert 0 == venues("export", str(tmp_path / "out.jsonl.gz"), db=db).returncode
    with gzip.open(tmp_path / "out.jsonl.gz", "rt") as lines:
        assert rows == [json.loads(line) for line in lines]


def test_bad_lines_are_named_and_the_others_go_in(db: Path) -> None:
    good = [json.dumps(row) for row in SMALL]
    text = "\n".join([good[0], "{not json", good[1], json.dumps({"platform": "x", "native_id": "y"}), good[2]])
    done = venues("import", "-", db=db, stdin=text.encode())
    assert 0 == done.returncode, done.stderr
    assert "line 2: line: is not JSON" in done.stderr
    assert "line 4: title: is mandatory" in done.stderr
    assert "3 new" in done.stderr
    assert "2 refused" in done.stderr
    strict = db.with_name("strict.db")
    done = venues("import", "--strict", "-", db=strict, stdin=text.encode())
    assert 2 == done.returncode
    assert "line 2" in done.stderr
    assert "" == venues("export", db=strict).stdout


def test_ten_kills_in_mid_import_lose_no_committed_batch_and_damage_nothing(db: Path, tmp_path: Path) -> None:
    rows = lines_of(12_000)
    source = write(tmp_path / "many.jsonl", rows)
    committed = 0
    for attempt in range(10):
        process = subprocess.Popen(
            [COMMAND, "import", str(source), "--db", str(db)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if attempt % 2:  # somewhere in its start
            time.sleep(0.3 * attempt)
        else:  # with a new batch in the store, or with none left
            _wait_for_more(db, committed, process)
            time.sleep(0.1 * attempt)
        process.kill()
        process.wait()
        if not db.exists():
            continue
        with sqlite3.connect(db) as look:
            assert [("ok",)] == look.execute("PRAGMA integrity_check").fetchall()
            tables = {name for (name,) in look.execute("SELECT name FROM sqlite_master")}
            kept = look.execute("SELECT count(*) FROM listings").fetchone()[0] if "listings" in tables else 0
            if "vectors" in tables:
                assert kept == look.execute("SELECT count(*) FROM vectors").fetchone()[0]
        look.close()
        assert committed <= kept
        committed = kept
    assert committed > 0, "every kill came before the first batch: the test proved nothing"
    assert 0 == venues("import", str(source), db=db).returncode
    assert rows == sorted(
        (json.loads(line) for line in venues("export", db=db).stdout.splitlines()),
        key=lambda row: int(row["native_id"][1:]),
    )


def test_ctrl_c_keeps_what_was_committed_and_says_so(db: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "many.jsonl", lines_of(30_000))
    process = subprocess.Popen(
        [COMMAND, "import", str(source), "--db", str(db)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    deadline = time.monotonic() + 120
    while _kept(db) == 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert 130 == process.returncode, said
    assert "carries on" in said
    assert "Traceback" not in said
    assert 0 < _kept(db) < 30_000


def _wait_for_more(db: Path, committed: int, process: subprocess.Popen[bytes]) -> None:
    until(lambda: _kept(db) > committed or process.poll() is not None, "another batch", seconds=120)


def _kept(db: Path) -> int:
    if not db.exists():
        return 0
    look = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return int(look.execute("SELECT count(*) FROM listings").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        look.close()


def test_the_same_file_again_embeds_nothing(db: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "rows.jsonl", lines_of(500))
    venues("import", str(source), db=db)
    again = venues("import", str(source), db=db)
    assert "0 new, 0 changed, 500 as before" in again.stderr


def test_an_opted_out_venue_is_left_out_and_counted(db: Path, tmp_path: Path) -> None:
    venues("import", str(write(tmp_path / "few.jsonl", SMALL)), db=db)
    assert 0 == venues("opt-out", "facebook:brighton-mums", db=db).returncode
    answer = json.loads(venues("find", "--no-crawl", "--json", "young mums in Brighton", db=db).stdout)
    assert "brighton-mums" not in {each["native_id"] for each in answer["suggestions"]}
    assert 1 == answer["left_out"]["opted out"]


def test_eval_shows_every_baseline_beside_ours(db: Path, tmp_path: Path) -> None:
    venues("import", str(write(tmp_path / "few.jsonl", SMALL)), db=db)
    queries = tmp_path / "queries.tsv"
    queries.write_text("q1\tyoung mums in Brighton\nq2\tsteam trains\n")
    qrels = tmp_path / "qrels.txt"
    qrels.write_text("q1 0 facebook:brighton-mums 3\nq1 0 facebook:michigan-mums 0\nq2 0 forum:trains 3\n")
    done = venues("eval", "--queries", str(queries), "--qrels", str(qrels), "--json", db=db)
    assert 0 == done.returncode, done.stderr
    report = json.loads(done.stdout)
    names = [system["name"] for system in report["systems"]]
    assert ["venues", "BM25", "cosine", "fusion", "CommunityRanker", "Lemmy Explorer", "Dialog"] == names
    assert 1.0 == report["systems"][0]["mean"]["nDCG@10"]
    table = venues("eval", "--queries", str(queries), "--qrels", str(qrels), db=db).stdout
    assert "steam trains" in table
    assert [] == [line for line in table.splitlines() if len(line) > 80]


@pytest.mark.parametrize("words", [["--help"], ["find", "--help"], ["--version"], ["place", "mums in Hove"]])
def test_what_needs_no_model_loads_none(words: list[str]) -> None:
    code = (
        "import sys; sys.argv = ['venues', *sys.argv[1:]]\n"
        "from venues.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'onnxruntime'} & sys.modules.keys()\n"
        "sys.exit(9 if heavy else 0)"
    )
    assert 0 == subprocess.run([_python(), "-c", code, *words], capture_output=True, check=False).returncode


def test_a_whole_query_never_imports_torch(db: Path, tmp_path: Path) -> None:
    venues("import", str(write(tmp_path / "few.jsonl", SMALL)), db=db)
    code = (
        "import sys; sys.argv = ['venues', 'find', '--no-crawl', '--db', sys.argv[1], 'mums in Brighton']\n"
        "from venues.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.exit(9 if {'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys() else 0)"
    )
    assert 0 == subprocess.run([_python(), "-c", code, str(db)], capture_output=True, check=False).returncode


def _python() -> str:
    return str(Path(COMMAND).parent / "python")
