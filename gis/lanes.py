"""Sixty-four lines advanced by four pixels at once, in vector registers.

Numba turns loops over small arrays into vectors, but reads and writes each array at every step. This kernel
is written for the compiler underneath instead: the rays of one threshold are loaded once, meet four pixels of
every line and are stored again, while the counts stay in registers. The vectors are split to whatever width
the processor has.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numba.core.base import BaseContext
    from numba.core.typing.templates import Signature

BLOCK = 64
"""Lines that advance together."""
STEPS = 4
"""Pixels of each line that are passed in one go."""

_I8, _I16, _I32, _I64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
_SHORTS, _BYTES = ir.VectorType(_I16, BLOCK), ir.VectorType(_I8, BLOCK)
_ZERO = ir.Constant(_SHORTS, [0] * BLOCK)


def _splat(b: ir.IRBuilder, value: ir.Value) -> ir.Value:
    """Return a vector that holds one number in every lane."""
    nothing = ir.Constant(_SHORTS, ir.Undefined)
    first = b.insert_element(nothing, value, ir.Constant(_I32, 0))
    return b.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(_I32, BLOCK), [0] * BLOCK))


def _load(b: ir.IRBuilder, address: ir.Value) -> ir.Value:
    return b.load(b.inttoptr(address, _SHORTS.as_pointer()), align=2)


def _any(b: ir.IRBuilder, masks: list[ir.Value]) -> ir.Value:
    """Say whether any lane of any mask is set."""
    joined = masks[0]
    for mask in masks[1:]:
        joined = b.or_(joined, mask)
    bits = ir.IntType(BLOCK)
    return b.icmp_unsigned("!=", b.bitcast(joined, bits), ir.Constant(bits, 0))


def _levels(  # noqa: PLR0917 - what a generator of code works on
    b: ir.IRBuilder,
    arguments: tuple[ir.Value, ...],
    ground: list[ir.Value],
    met: list[ir.Value],
    walls: list[ir.Value] | None,
    coding: bool,  # noqa: FBT001
    done: ir.Block,
) -> None:
    """Write the loop over thresholds.

    Codes count the rays above `ground`, rays are stopped by `met`; with `walls` what they meet of a wall is
    its face, half a step nearer.
    """
    rays, pitch, levels, sinks, out = arguments
    before, body, after = b.block, b.append_basic_block("level"), b.append_basic_block("levels_done")
    b.branch(body)
    b.position_at_end(body)
    level = b.phi(_I64)
    level.add_incoming(ir.Constant(_I64, 0), before)
    counts = [b.phi(_SHORTS) for _ in range(STEPS)] if coding else []
    for count in counts:
        count.add_incoming(_ZERO, before)
    place = b.inttoptr(b.add(rays, b.mul(level, pitch)), _SHORTS.as_pointer())
    sink = b.inttoptr(b.add(sinks, b.mul(level, ir.Constant(_I64, 2 * STEPS))), _I16.as_pointer())
    ray, counted = b.load(place, align=2), []
    for step in range(STEPS):
        drop = b.load(b.gep(sink, [ir.Constant(_I64, step)]))
        top = met[step]
        if coding:
            higher = b.icmp_signed(">", ray, ground[step])
            counted.append(b.sub(counts[step], b.sext(higher, _SHORTS)))
        if walls is not None:
            half = _splat(b, b.ashr(drop, ir.Constant(_I16, 1)))
            top = b.add(top, b.select(walls[step], half, _ZERO))
        ray = b.sub(b.select(b.icmp_signed(">", ray, top), ray, top), _splat(b, drop))
    b.store(ray, place, align=2)
    following = b.add(level, ir.Constant(_I64, 1))
    level.add_incoming(following, body)
    for count, value in zip(counts, counted, strict=True):
        count.add_incoming(value, body)
    b.cbranch(b.icmp_signed("<", following, levels), body, after)
    b.position_at_end(after)
    for step, value in enumerate(counted):
        target = b.inttoptr(b.extract_value(out, step), _BYTES.as_pointer())
        b.store(b.trunc(value, _BYTES), target, align=1)
    b.branch(done)


def _between(b: ir.IRBuilder, here: ir.Value, beside: ir.Value, weight: ir.Value) -> ir.Value:
    """Return the height between two pixels, rounded down: the upper half of a product is one instruction."""
    wide = ir.VectorType(_I32, BLOCK)
    product = b.mul(b.sext(b.sub(beside, here), wide), b.sext(_splat(b, weight), wide))
    return b.add(here, b.trunc(b.ashr(product, ir.Constant(wide, [16] * BLOCK)), _SHORTS))


def _smooth_kernel(*, coding: bool) -> Callable[..., None]:
    @intrinsic
    def advance(  # noqa: PLR0917 - numba takes no keyword-only arguments
        _context: BaseContext,
        rays: types.Type,
        pitch: types.Type,
        levels: types.Type,
        ground: types.Type,
        beside: types.Type,
        weights: types.Type,
        sinks: types.Type,
        out: types.Type,
    ) -> tuple[Signature, Callable[..., ir.Value]]:
        def codegen(
            context: BaseContext, b: ir.IRBuilder, _signature: types.Type, arguments: tuple[ir.Value, ...]
        ) -> ir.Value:
            rays, pitch, levels, ground, beside, weights, sinks, out = arguments
            share = b.inttoptr(weights, _I16.as_pointer())
            heights, met = [], []
            for step in range(STEPS):
                heights.append(_load(b, b.extract_value(ground, step)))
                weight = b.load(b.gep(share, [ir.Constant(_I64, step)]))
                met.append(_between(b, heights[step], _load(b, b.extract_value(beside, step)), weight))
            done = b.append_basic_block("done")
            _levels(b, (rays, pitch, levels, sinks, out), heights, met, None, coding, done)
            b.position_at_end(done)
            return context.get_dummy_value()

        return types.void(rays, pitch, levels, ground, beside, weights, sinks, out), codegen

    return advance


def _kernel(*, coding: bool) -> Callable[..., None]:
    @intrinsic
    def advance(  # noqa: PLR0917 - numba takes no keyword-only arguments
        _context: BaseContext,
        rays: types.Type,
        pitch: types.Type,
        levels: types.Type,
        ground: types.Type,
        sinks: types.Type,
        steep: types.Type,
        out: types.Type,
    ) -> tuple[Signature, Callable[..., ir.Value]]:
        def codegen(
            context: BaseContext, b: ir.IRBuilder, _signature: types.Type, arguments: tuple[ir.Value, ...]
        ) -> ir.Value:
            rays, pitch, levels, ground, sinks, steep, out = arguments
            heights = [_load(b, b.extract_value(ground, step)) for step in range(STEPS + 1)]
            least = _splat(b, b.trunc(steep, _I16))
            walls = [b.icmp_signed(">", b.sub(here, nearer), least) for here, nearer in pairwise(heights)]
            walled, plain, done = (b.append_basic_block(name) for name in ("walled", "plain", "done"))
            b.cbranch(_any(b, walls), walled, plain)
            for block, faces in ((walled, walls), (plain, None)):
                b.position_at_end(block)
                _levels(b, (rays, pitch, levels, sinks, out), heights, heights, faces, coding, done)
            b.position_at_end(done)
            return context.get_dummy_value()

        return types.void(rays, pitch, levels, ground, sinks, steep, out), codegen

    return advance


advance_coding = _kernel(coding=True)
"""Advance a block and write its codes.

Arguments: address of the rays of the first threshold and bytes to those of the next; number of thresholds;
addresses of the block's heights at `STEPS` steps and at the one after; address of how far rays sink, 16-bit,
shape (thresholds, STEPS); drop that is a wall; addresses of the codes of each step. Heights lie in 0 to
32000.
"""
advance = _kernel(coding=False)
"""The same without codes."""

glide_coding = _smooth_kernel(coding=True)
"""Advance a block over a surface that runs straight from pixel to pixel, and write its codes.

Arguments as for `advance_coding`, without the drop that is a wall; after the heights the addresses of those
of the pixels beside, towards which the lines lean, and the address of their weights at `STEPS` steps, 16-bit,
65536 for the whole.
"""
glide = _smooth_kernel(coding=False)
"""The same without codes."""
