//! The intermediate representation: the one thing every part of the compiler shares. Read this first.
//!
//! A [`Module`] holds functions, constant tables, raise sites and source locations. A [`Function`] is a tree of
//! *regions*; a region is a list of instructions in evaluation order whose last one is a *terminator*. Every
//! instruction has the same shape, [`Inst`]: an [`Op`] (with its static attributes), argument values, result values and
//! nested regions. Everything is named by a typed id in an arena; source locations sit in a parallel table.
//!
//! # Values
//! SSA. A value is the result of an instruction or the parameter of a region. It may be used by later instructions of
//! its region and anywhere in regions nested in them: dominance is lexical scope. There are no mutable locals; what
//! changes round a loop is a loop-carried value. Each instruction stands once, in order, in one region.
//!
//! # Control
//! Structured ([`control`]): `if`, `block`, counted `for`, `while`, `vfor`, `try`, and at Machine level `loop`. Each has
//! typed results. Regions end in `yield` (the normal end), `break L`, `continue L`, `return`, `raise`, `reraise`,
//! `again L` or `unreachable`. A terminator names the construct it leaves by its label, which must enclose it.
//!
//! # Levels
//! A module is at one [`Level`], which says what ops it may hold:
//! - **Array**: everything but Machine's own; whole-array values exist;
//! - **Loop**: no whole-array op. Scalars, ops that may raise, `for`/`while`/`vfor`, vectors of symbolic width, buffers;
//! - **Machine**: what a target has. No op raises, no `for`, `while`, `vfor`, `try`, no `Vec`, no `Buffer`; control is
//!   `if`, `block`, `loop`; integer division needs operands that are safe. Back-ends take Machine alone.
//!
//! The interpreter runs all three and must give the same answer for each.
//!
//! # Meaning of scalars
//! Ops are typed by their operands' [`Type`]; signedness is in the scalar. Pure ops are *total*: every operand gives a
//! result ([`eval`] states which), so they may be moved, merged and dropped freely. Python's meaning (overflow is an
//! error, `x // 0` is an error) is expressed by the ops that raise: [`op::CheckedOp`] and [`Op::Check`].
//!
//! # Raising
//! An op that raises names a *site* ([`Site`]: exception, message template, location) and carries up to four payload
//! words for the message. Control goes to the innermost enclosing `try` body's handler, or leaves the function as
//! failure. `raise` names its target and may skip handlers (a handler that lets an exception pass on does). Ops that
//! may raise are ordered with stores and with each other; they are never dead and never hoisted. A callee's failure is
//! a failure of the `call`.
//!
//! # Memory
//! Explicit. An [`op::Access`] names element type, alias class, byte scale and offset; its operands are a base address
//! and an `i64` index: the address is `base + index * scale + offset`. Accesses in different alias classes do not
//! overlap, except that [`AliasClass::ANY`] may overlap all but read-only tables.
//!
//! # Arrays
//! A value of an array type is a descriptor: address, shape, byte strides. At Array level it also keeps its memory: who
//! holds an array, or a view of it, holds the memory, whatever regions, loops and calls it goes through. Memory that the
//! kernel did not make (`array.make`) is there as long as the call lasts. The values of maps are never written; storage
//! is what `array.alloc` gives.
//!
//! # Buffers
//! What arrays become below Array level keeps memory by counting references.
//!
//! A `Buffer` value is one counted reference, owned by the region in which it is defined. It is consumed exactly once
//! on every path: by `buffer.release`, `buffer.escape`, or by being moved as an operand of a terminator, of a `call` (the
//! callee's parameter owns it then) or of a loop (as an initial value, into the loop's parameter). A region may consume
//! what one around it owns if every way on from there has consumed it; a loop's body may not, unless it leaves the loop.
//! `buffer.retain` makes a further reference. An op that raises must not stand where a buffer is owned inside the
//! `try` body (or function) that the raise would leave: wrap it in a `try` whose handler releases and re-raises.
//!
//! # Vector loops
//! `vfor` steps by the symbolic lane count L, the same for every `Vec` in the module, and runs full steps only; its
//! first result is the index it reached, from which a scalar loop goes on. A body computes, then commits its stores; if
//! a lane would fail, the body leaves with `break` before the commit and the scalar loop raises at the right element.
//!
//! # Facts are never stored
//! In-bounds, no-alias, read-only and no-raise facts are derived after loading by analyses; the IR has no flag for them.
//!
//! # Text and bytes
//! A module prints ([`mod@print`]), the text parses back ([`text`]), and it is stored in a compact binary form ([`serial`]).
//! [`Module::compact`] drops what passes have left unreachable and numbers the rest in the order of the text.
//!
//! Where next: [`module`], [`op`], [`control`], then [`typing`] (result types), [`effects`] (reads, writes, raises),
//! [`eval`] (meaning of scalar ops), [`verify`] (what is checked).

pub mod builder;
pub mod compact;
pub mod control;
pub mod effects;
pub mod eval;
pub mod interp;
pub mod module;
pub mod op;
pub mod print;
pub mod serial;
pub mod text;
pub mod ty;
pub mod typing;
pub mod verify;
pub mod visit;

pub use builder::Builder;
pub use module::{
    AliasClass, AliasClassData, AliasId, DataId, DataTable, Entry, FuncId, Function, Inst, InstId, Label, LabelId,
    Level, Linkage, Loc, LocId, Module, Region, RegionId, Site, SiteId, ValueData, ValueDef, ValueId, ValueList,
};
pub use op::Op;
pub use ty::{ArrayType, Layout, Type};
