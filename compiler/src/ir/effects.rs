//! What ops do besides giving results, stated once: what they read and write, whether they may raise, whether they may
//! be moved, merged or dropped.

use super::module::{AliasClass, AliasId, Level};
use super::op::{ArrayOp, BinaryOp, BufferOp, CheckedOp, Op, VectorOp};

/// Memory that an op touches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Memory {
    None,
    Class(AliasId),
    /// Anything but constant tables.
    All,
}

/// The effects of one op, leaving out what is in its regions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effects {
    pub reads: Memory,
    pub writes: Memory,
    /// It may raise: ordered with stores and with other raises, never dead, never hoisted.
    pub raises: bool,
    /// It transfers control or holds regions: not a candidate for merging or moving as it stands.
    pub control: bool,
    /// Its operands must meet a condition that a guard before it may establish: not moved above other control.
    pub guarded: bool,
}

impl Effects {
    const PURE: Effects =
        Effects { reads: Memory::None, writes: Memory::None, raises: false, control: false, guarded: false };

    /// A function of its operands alone, defined for all of them.
    pub fn is_pure(self) -> bool {
        self == Effects::PURE
    }

    /// May be dropped when its results are not used.
    pub fn is_removable(self) -> bool {
        self.writes == Memory::None && !self.raises && !self.control
    }
}

/// The effects of an op at a level.
pub fn effects(op: &Op, level: Level) -> Effects {
    use Op::*;
    let reads = |m| Effects { reads: m, guarded: true, ..Effects::PURE };
    let writes = |m| Effects { writes: m, guarded: true, ..Effects::PURE };
    let raises = Effects { raises: true, ..Effects::PURE };
    let control = Effects { control: true, ..Effects::PURE };
    match op {
        Binary(BinaryOp::Div | BinaryOp::Rem | BinaryOp::Shl | BinaryOp::Shr) if level == Level::Machine => {
            Effects { guarded: true, ..Effects::PURE }
        }
        Const(_) | Null | Unary(_) | Binary(_) | Compare(_) | Select | Convert(_) | Bitcast(_) | Overflowing(_) => {
            Effects::PURE
        }
        SiteMatches(_) | PtrAdd | PtrToInt | IntToPtr | DataAddr(_) => Effects::PURE,
        Checked(CheckedOp::Shl, _) => Effects { guarded: true, ..raises },
        Checked(..) | Check(_) | StackCheck(_) => raises,
        Load(a) => reads(Memory::Class(a.class)),
        Store(a) => writes(Memory::Class(a.class)),
        // Two stack slots are two places: never merged.
        StackSlot(_) => reads(Memory::Class(AliasClass::FRAME)),
        StackPointer => reads(Memory::All),
        // It keeps its place, and is never dead: as if it wrote what nobody reads.
        Poll => Effects { writes: Memory::Class(AliasClass::FRAME), ..control },
        Buffer(b) => match b {
            BufferOp::Alloc(_) => Effects { writes: Memory::All, ..raises },
            // Two owners of nothing are two: each is consumed once.
            BufferOp::None => control,
            BufferOp::Data => reads(Memory::None),
            BufferOp::Retain | BufferOp::Release | BufferOp::Escape => writes(Memory::All),
        },
        Vector(v) => match v {
            VectorOp::Load(a) | VectorOp::Gather(a) | VectorOp::PackLoad(a, _) => reads(Memory::Class(a.class)),
            VectorOp::Store(a) | VectorOp::Scatter(a) | VectorOp::PackStore(a) => writes(Memory::Class(a.class)),
            VectorOp::Lanes => control,
            VectorOp::LaneCount
            | VectorOp::LaneIndex
            | VectorOp::Splat
            | VectorOp::Any
            | VectorOp::All
            | VectorOp::Reduce(_)
            | VectorOp::PackSplat(_)
            | VectorOp::Extract(_)
            | VectorOp::Insert(_) => Effects::PURE,
        },
        Array(a) => match a {
            ArrayOp::Make(..) | ArrayOp::Data | ArrayOp::Dim(_) | ArrayOp::Stride(_) => Effects::PURE,
            ArrayOp::View(_) | ArrayOp::Permute(_) | ArrayOp::Forget(_) => Effects::PURE,
            ArrayOp::Get => reads(Memory::All),
            ArrayOp::Set | ArrayOp::Escape => writes(Memory::All),
            ArrayOp::Alloc(..) => Effects { writes: Memory::All, ..raises },
            ArrayOp::Map(..) => Effects { reads: Memory::All, raises: true, control: true, ..Effects::PURE },
            ArrayOp::Assign(_) => Effects { reads: Memory::All, writes: Memory::All, ..raises },
            ArrayOp::Reduce(..) => Effects { reads: Memory::All, ..raises },
        },
        Call(_) => Effects { reads: Memory::All, writes: Memory::All, raises: true, control: false, guarded: true },
        CallImport(_) => Effects { reads: Memory::All, writes: Memory::All, guarded: true, ..Effects::PURE },
        If | Block(_) | For(_) | While(_) | VFor(_) | Try(_) | Loop(_) => control,
        Yield | Break(_) | Continue(_) | Again(_) | Condition | Return | Raise(..) | Reraise(_) | Unreachable => {
            control
        }
    }
}
