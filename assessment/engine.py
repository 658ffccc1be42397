"""Cells of a region as independent tasks: on threads, or on the workers of a Dask cluster.

A task reads its window of the store, assesses what each of its cells owns, and writes one part per cell,
whole or not at all. Finished parts are kept, so that an interrupted assessment goes on where it stopped. What
a cell comes to depends on the cell alone: not on who computes it, when, or together with which others. A cell
that cannot be done does not keep the others from being finished: it is tried once more alone, then set aside.
"""

from __future__ import annotations

from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

from assessment.blocks import Block, Cell
from assessment.cell_sites import Known, assess_cell
from assessment.guard import REFUSED, explained
from assessment.parts import is_finished, write_part
from faults import RunError, YijianError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assessment.depot import Depot
    from assessment.progress import Progress
    from assessment.store import Store

CONNECT_TIMEOUT = "20s"
NAMED = 20
"""Failed cells that a message names; more would not be read."""
DEADLY = 4
"""Times that a process may end while it works on a cell, before the cell is held to be why."""


@dataclass(frozen=True, order=True)
class Failure:
    """A cell that could not be finished."""

    cell: Cell
    reason: str
    refused: bool
    """True: the machine, the store or the cluster refused, so that the next attempt may well succeed."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as the manifest says it."""
        return {"cell": self.cell.name, "bounds": list(self.cell.bounds), "reason": self.reason}


def run_blocks(
    store: Store,
    known: Known,
    blocks: Sequence[Block],
    *,
    workers: int,
    scheduler: str | None,
    progress: Progress,
) -> tuple[Failure, ...]:
    """Bring every cell to a finished part; return those that cannot be finished whatever is tried.

    Raises
    ------
    RunError
        The machine or the cluster refused, or no cell at all could be finished; each with its reason. The
        others are finished and kept.
    """
    of = sum(len(block.cells) for block in blocks)
    with _executor(workers, scheduler, known) as (executor, shared):
        failed = list(_run(executor, shared, store, blocks, progress))
    again = [Block((one.cell,)) for one in failed if not one.refused]
    if again and len(failed) < of:
        with _executor(1, scheduler, known) as (executor, shared):
            alone = list(_run(executor, shared, store, again, lambda _share, _what: None))
        failed = [one for one in failed if one.refused] + alone
    if any(one.refused for one in failed) or len(failed) == of:
        raise RunError(_said(failed, of))
    return tuple(sorted(failed))


def _run(
    executor: Executor,
    shared: Any,  # noqa: ANN401 - Known, or a cluster's promise of it
    store: Store,
    blocks: Sequence[Block],
    progress: Progress,
) -> Iterator[Failure]:
    waiting = {executor.submit(run_block, store, shared, block): block for block in blocks}
    of, done = sum(len(block.cells) for block in blocks), 0
    for future in as_completed(waiting):
        block = waiting[future]
        yield from _failures(future, block, store.depot)
        done += len(block.cells)
        progress(done / of, f"tiles: {done} of {of}")


def _failures(future: Future[list[Failure]], block: Block, depot: Depot) -> Iterator[Failure]:
    """Yield the cells of a block that failed; a task that was lost leaves some of its cells finished."""
    try:
        error = future.exception()
    except CancelledError:
        error = RunError("the cluster was lost before this tile was finished")
    if error is None:
        yield from future.result()
        return
    reason, refused = explained(error, _near(depot)), _is_refusal(error)
    for cell in block.cells:
        if not is_finished(depot, cell):
            yield Failure(cell, reason, refused)


def _said(failed: Sequence[Failure], of: int) -> str:
    """Name the cells that failed, each with its reason; of many the first."""
    reasons = [f"  {one.cell.name}: {one.reason}" for one in sorted(failed)]
    if len(reasons) > NAMED:
        reasons[NAMED:] = [f"  and {len(reasons) - NAMED} more"]
    return (
        f"{len(failed)} of {of} tiles could not be finished; the others are kept, "
        "and --resume goes on with these:\n" + "\n".join(reasons)
    )


@contextmanager
def _executor(workers: int, scheduler: str | None, known: Known) -> Iterator[tuple[Executor, Any]]:
    """Open what runs tasks, with what all of them share as its tasks take it."""
    if scheduler is None:
        with ThreadPoolExecutor(workers) as threads:
            yield threads, known
        return
    from distributed import Client  # noqa: PLC0415 - only where a cluster is used

    try:
        client = Client(scheduler, timeout=CONNECT_TIMEOUT)
    except (OSError, ValueError) as error:
        raise RunError(f"no Dask scheduler answers at {scheduler}: {error}") from error
    with client, client.get_executor() as cluster:
        # A task of its own: workers hand its result on, and a lost one is made anew.
        yield cluster, client.submit(_same, known, pure=False)


def _same(known: Known) -> Known:
    return known


def run_block(store: Store, known: Known, block: Block) -> list[Failure]:
    """Assess the cells of a block and write their parts; return those that failed."""
    failed = []
    for cell in block.cells:
        try:
            _run_cell(store, known, cell)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one cell, the next is done
            reason = explained(error, _near(store.depot))
            failed.append(Failure(cell, reason, _is_refusal(error)))
    return failed


def _run_cell(store: Store, known: Known, cell: Cell) -> None:
    depot = store.depot
    if is_finished(depot, cell):
        return
    with _marked(depot, cell):
        write_part(depot, cell, assess_cell(store, cell, known.at(depot)))


@contextmanager
def _marked(depot: Depot, cell: Cell) -> Iterator[None]:
    """Leave a mark while a cell is worked on: found later, it stands for a process that ended here."""
    name = f"attempts/{cell.name}"
    before = int(depot.read(name)) if depot.has(name) else 0
    if before >= DEADLY:
        raise YijianError(
            f"{before} processes ended while they worked on this tile: it may need more memory than there is"
        )
    depot.put_file(name, lambda file: file.write_text(str(before + 1), encoding="ascii"))
    try:
        yield
    finally:
        depot.remove(name)


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, RunError) or (isinstance(error, OSError) and error.errno in REFUSED)


def _near(depot: Depot) -> Path:
    """Return a folder on the disk that is written to."""
    return depot.local or Path(gettempdir())
