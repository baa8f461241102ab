"""Clients and runs of many, in processes that are forked."""

from pathlib import Path

from support.http_server import GUARD_SECONDS, HttpServer
from support.scripts import FORK, run_script, start_script


def test_after_a_fork_the_child_has_connections_of_its_own(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    client.get("zild:1")
    fork(lambda: [client.get("zild:2"), client.get("zild:3")])
    client.get("zild:4")
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
    assert [(asked.id, asked.connection) for asked in keeper.requests] == [("1", 1), ("2", 2), ("3", 2), ("4", 1)]


def test_a_child_that_ends_like_any_program_says_nothing(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    client.get("zild:1")
    child = os.fork()
    client.get(f"zild:{2 if child else 3}")
    if child:
        assert os.waitpid(child, 0)[1] == 0
        client.get("zild:4")
"""
    run_script(code, keeper.url, cwd=tmp_path)
    assert {(asked.id, asked.connection) for asked in keeper.requests} == {("1", 1), ("2", 1), ("3", 2), ("4", 1)}


def test_a_child_gets_while_another_thread_of_the_parent_waits(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    threads = [threading.Thread(target=client.get, args=(f"zild:{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    wait()
    fork(lambda: [client.get("zild:5"), list(client.get_many(["zild:6"]))])
    wait()
    for thread in threads:
        thread.join()
    client.get("zild:7")
"""
    keeper.hold(*"0123")
    with start_script(FORK + code, keeper.url, cwd=tmp_path) as process:
        keeper.wait_until(lambda: keeper.held == 4)
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        assert [process.stdout.readline(), process.stdout.readline()] == ["ended\n"] * 2  # type: ignore[union-attr]
        assert keeper.ids[4:] == ["5", "6"]
        keeper.release()
        assert process.communicate("\n", 2 * GUARD_SECONDS) == ("", "")
    assert keeper.ids[6:] == ["7"]


def test_a_child_asks_for_a_token_while_another_thread_of_the_parent_does(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
asked, given, parent = threading.Event(), threading.Event(), os.getpid()

def token():
    if os.getpid() == parent:
        asked.set()
        given.wait()
    return "token"

with Client(Zild(url, token)) as client:
    thread = threading.Thread(target=client.get, args=("zild:1",))
    thread.start()
    asked.wait()
    fork(lambda: client.get("zild:2"))
    given.set()
    thread.join()
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
    assert keeper.ids == ["2", "1"]


def test_a_child_gets_while_another_thread_of_the_parent_holds_the_limiter(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
held, let_go = threading.Event(), threading.Event()

def hold(limiter):
    with limiter._lock:
        held.set()
        let_go.wait()

with Client(zild) as client:
    limiter = client._config.by_name["zild"].rate_limiter
    thread = threading.Thread(target=hold, args=(limiter,))
    thread.start()
    held.wait()
    fork(lambda: client.get("zild:1"))
    let_go.set()
    thread.join()
    client.get("zild:2")
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
    assert keeper.ids == ["1", "2"]


def test_nothing_is_imported_by_a_request_where_a_fork_would_lock_the_child_out(
    keeper: HttpServer, tmp_path: Path
) -> None:
    code = """
from conversas import Superagentes
with Client(zild, Superagentes("key", url)) as client:
    before = set(sys.modules)
    client.get("zild:1")
    client.get("superagentes:1")
    assert set(sys.modules) == before, set(sys.modules) - before
"""
    run_script(code, keeper.url, cwd=tmp_path)


def test_forks_in_the_middle_of_much_work_hang_nobody(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
def work(client):
    while not stop.is_set():
        client.get("zild:1")

stop = threading.Event()
clients = [Client(zild) for _ in range(3)]
threads = [threading.Thread(target=work, args=(client,)) for client in clients for _ in range(2)]
for thread in threads:
    thread.start()
for _ in range(4):
    fork(lambda: [client.get("zild:2") for client in clients])
stop.set()
for thread in threads:
    thread.join()
for client in clients:
    client.get("zild:3")
    client.close()
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
    assert (keeper.ids.count("2"), keeper.ids[-3:]) == (12, ["3"] * 3)


def test_processes_of_multiprocessing_share_no_connection(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
def work(number):
    client.get(f"zild:{number}")
    return os.getpid()

with Client(zild) as client:
    client.get("zild:0")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        processes = pool.map(work, range(1, 9), chunksize=1)
        client.get("zild:9")
        pool.close()
        pool.join()
    assert os.getpid() not in processes
"""
    run_script(code, keeper.url, cwd=tmp_path)
    connection = {asked.id: asked.connection for asked in keeper.requests}
    assert connection["0"] == connection["9"] == 1
    assert 1 not in [connection[number] for number in "12345678"]


def test_a_run_goes_on_after_a_fork(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    run = client.get_many(map("zild:{}".format, range(30)), concurrency=4)
    refs = [next(run).ref.id]
    fork(lambda: [list(client.get_many(["zild:1000", "zild:1001"])), client.close()])
    refs += [outcome.ref.id for outcome in run]
assert sorted(map(int, refs)) == list(range(30)), refs
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
    assert len(keeper.requests) == 32


def test_a_child_that_ends_like_any_program_says_nothing_of_a_run(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    run = client.get_many(map("zild:{}".format, range(100)), concurrency=4)
    next(run)
    if os.fork() == 0:
        gc.collect()
        sys.exit()
    assert os.wait()[1] == 0
    assert len(list(run)) == 99
"""
    run_script(code, keeper.url, cwd=tmp_path)
    keeper.wait_until(lambda: keeper.open == 0)


def test_a_run_of_the_parent_does_not_hang_in_the_child(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
def work():
    try:
        list(run)
    except ConfigurationError:
        pass

with Client(zild) as client:
    run = client.get_many(map("zild:{}".format, range(30)), concurrency=4)
    refs = [next(run).ref.id]
    fork(work)
    refs += [outcome.ref.id for outcome in run]
assert sorted(map(int, refs)) == list(range(30)), refs
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
