"""Sums of light in vector registers: sixteen channels of eight sectors added to a pixel in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numba.core.base import BaseContext
    from numba.core.typing.templates import Signature

CHANNELS = 16
"""Numbers a pixel receives from one sector: twelve months, sky view, and room to spare."""
SECTORS_AT_ONCE = 8

_FLOAT, _I8, _I32, _I64 = ir.FloatType(), ir.IntType(8), ir.IntType(32), ir.IntType(64)
_LIGHT = ir.VectorType(_FLOAT, CHANNELS)
_BYTES = 4 * CHANNELS
_NOTHING = ir.Constant(_I8.as_pointer(), None)


def _load(b: ir.IRBuilder, address: ir.Value) -> ir.Value:
    return b.load(b.inttoptr(address, _LIGHT.as_pointer()), align=4)


def _splat(b: ir.IRBuilder, value: ir.Value) -> ir.Value:
    """Return a vector that holds one number in every channel."""
    nothing = ir.Constant(_LIGHT, ir.Undefined)
    first = b.insert_element(nothing, value, ir.Constant(_I32, 0))
    return b.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(_I32, CHANNELS), [0] * CHANNELS))


def _entries(b: ir.IRBuilder, light: ir.Value, pitch: ir.Value, codes: ir.Value, size: int) -> list[ir.Value]:
    """Return the addresses of the light of eight sectors at the levels that eight bytes name."""
    word = b.load(b.inttoptr(codes, _I64.as_pointer()), align=1)
    found = []
    for sector in range(SECTORS_AT_ONCE):
        code = b.and_(b.lshr(word, ir.Constant(_I64, 8 * sector)), ir.Constant(_I64, 255))
        start = b.add(light, b.mul(pitch, ir.Constant(_I64, sector)))
        found.append(b.add(start, b.mul(code, ir.Constant(_I64, size))))
    return found


def _store_sum(b: ir.IRBuilder, out: ir.Value, parts: list[ir.Value]) -> None:
    """Add parts to what stands at an address, in pairs, so that no addition waits for all before it."""
    total = [_load(b, out), *parts]
    while len(total) > 1:
        paired = [b.fadd(one, other) for one, other in zip(total[::2], total[1::2], strict=False)]
        total = paired + total[2 * len(paired) :]
    b.store(total[0], b.inttoptr(out, _LIGHT.as_pointer()), align=4)


def _add_lights(
    _context: BaseContext, out: types.Type, light: types.Type, pitch: types.Type, codes: types.Type
) -> tuple[Signature, Callable[..., ir.Value]]:
    """Add the light of eight sectors to a pixel.

    Arguments: address of the pixel's sums; of the first sector's light, 32-bit, shape (levels, CHANNELS);
    bytes from one sector to the next; address of the eight codes.
    """

    def codegen(_c: BaseContext, b: ir.IRBuilder, _s: Signature, arguments: tuple[ir.Value, ...]) -> ir.Value:
        out, light, pitch, codes = arguments
        _store_sum(b, out, [_load(b, entry) for entry in _entries(b, light, pitch, codes, _BYTES)])
        return _NOTHING

    return types.void(out, light, pitch, codes), codegen


def _add_vectors(  # noqa: PLR0917 - numba takes no keyword-only arguments
    _context: BaseContext,
    out: types.Type,
    light: types.Type,
    pitch: types.Type,
    codes: types.Type,
    east: types.Type,
    north: types.Type,
    up: types.Type,
) -> tuple[Signature, Callable[..., ir.Value]]:
    """Add what a plane with its own normal receives from eight sectors, nothing from behind it.

    Arguments: as `add_lights`, with light of shape (levels, 3, CHANNELS); then the normal, 32-bit.
    """

    def codegen(_c: BaseContext, b: ir.IRBuilder, _s: Signature, arguments: tuple[ir.Value, ...]) -> ir.Value:
        out, light, pitch, codes, *normal = arguments
        axes = [_splat(b, value) for value in normal]
        dark, parts = ir.Constant(_LIGHT, [0.0] * CHANNELS), []
        for entry in _entries(b, light, pitch, codes, 3 * _BYTES):
            received = dark
            for number, axis in enumerate(axes):
                vector = _load(b, b.add(entry, ir.Constant(_I64, number * _BYTES)))
                received = b.fadd(received, b.fmul(axis, vector, flags=("contract",)), flags=("contract",))
            parts.append(b.select(b.fcmp_ordered(">", received, dark), received, dark))
        _store_sum(b, out, parts)
        return _NOTHING

    return types.void(out, light, pitch, codes, east, north, up), codegen


def _weighted_sum(
    _context: BaseContext,
    table: types.Type,
    entry: types.Type,
    weight: types.Type,
    count: types.Type,
    out: types.Type,
) -> tuple[Signature, Callable[..., ir.Value]]:
    """Write the weighted sum of rows of a table, kept in registers while it grows.

    Arguments: address of the table, 32-bit, shape (rows, CHANNELS); of the numbers of the rows, 64-bit; of
    their weights, 32-bit; how many there are, at least one; address of the sums.
    """

    def codegen(_c: BaseContext, b: ir.IRBuilder, _s: Signature, arguments: tuple[ir.Value, ...]) -> ir.Value:
        table, entry, weight, count, out = arguments
        before, body, after = b.block, b.append_basic_block("term"), b.append_basic_block("terms_done")
        b.branch(body)
        b.position_at_end(body)
        term, total = b.phi(_I64), b.phi(_LIGHT)
        term.add_incoming(ir.Constant(_I64, 0), before)
        total.add_incoming(ir.Constant(_LIGHT, [0.0] * CHANNELS), before)
        row = b.load(b.gep(b.inttoptr(entry, _I64.as_pointer()), [term]))
        part = b.load(b.gep(b.inttoptr(weight, _FLOAT.as_pointer()), [term]))
        values = _load(b, b.add(table, b.mul(row, ir.Constant(_I64, _BYTES))))
        grown = b.fadd(total, b.fmul(_splat(b, part), values))
        following = b.add(term, ir.Constant(_I64, 1))
        term.add_incoming(following, body)
        total.add_incoming(grown, body)
        b.cbranch(b.icmp_signed("<", following, count), body, after)
        b.position_at_end(after)
        b.store(grown, b.inttoptr(out, _LIGHT.as_pointer()), align=4)
        return _NOTHING

    return types.void(table, entry, weight, count, out), codegen


add_lights: Callable[..., None] = intrinsic(_add_lights)
add_vectors: Callable[..., None] = intrinsic(_add_vectors)
weighted_sum: Callable[..., None] = intrinsic(_weighted_sum)
