"""A hint to the processor: memory at an address will be read soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numba.core.base import BaseContext
    from numba.core.typing.templates import Signature

_I8, _I32 = ir.IntType(8), ir.IntType(32)
READ, KEEP, DATA = 0, 3, 1
"""For reading, to be kept in all caches, no instructions: the arguments of `llvm.prefetch`."""


def _prefetch(_context: BaseContext, address: types.Type) -> tuple[Signature, Callable[..., ir.Value]]:
    """Fetch the cache line of an address; nothing happens where the address is not valid."""

    def codegen(
        context: BaseContext, b: ir.IRBuilder, _signature: Signature, arguments: tuple[ir.Value, ...]
    ) -> ir.Value:
        kind = ir.FunctionType(ir.VoidType(), [_I8.as_pointer(), _I32, _I32, _I32])
        hint = cgutils.get_or_insert_function(b.module, kind, "llvm.prefetch.p0")
        place = b.inttoptr(arguments[0], _I8.as_pointer())
        b.call(hint, [place, *(ir.Constant(_I32, value) for value in (READ, KEEP, DATA))])
        return context.get_dummy_value()

    return types.void(address), codegen


prefetch: Callable[..., None] = intrinsic(_prefetch)
