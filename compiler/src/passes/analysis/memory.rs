//! Which memory the code in a region writes, by alias class.

use crate::base::arena::IdMap;
use crate::ir::effects::{Memory, effects};
use crate::ir::module::Region;
use crate::ir::{AliasClass, AliasId, Function, Level, RegionId};

/// A set of alias classes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Classes {
    /// A bit per class; the last stands for all that have none of their own.
    bits: u64,
}

const LAST: usize = 63;

impl Classes {
    pub const NONE: Classes = Classes { bits: 0 };
    pub const ALL: Classes = Classes { bits: u64::MAX };

    fn bit(class: AliasId) -> u64 {
        1 << class.index().min(LAST)
    }

    pub fn of(memory: Memory) -> Classes {
        match memory {
            Memory::None => Classes::NONE,
            Memory::Class(c) => Classes { bits: Classes::bit(c) },
            Memory::All => Classes::ALL,
        }
    }

    pub fn union(self, other: Classes) -> Classes {
        Classes { bits: self.bits | other.bits }
    }

    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// A write of these may change what an access of the class reads.
    pub fn may_change(self, f: &Function, class: AliasId) -> bool {
        if f.aliases[class].constant || self.is_empty() {
            return false;
        }
        // A class that may hold anything meets every class that is not constant.
        let any = Classes::bit(AliasClass::ANY);
        let constant = Classes::bit(AliasClass::TABLE);
        self.bits & (Classes::bit(class) | any) != 0 || (class == AliasClass::ANY && self.bits & !constant != 0)
    }
}

/// What each region writes, nested regions included.
pub struct Writes {
    regions: IdMap<Region, Classes>,
}

impl Writes {
    pub fn new(f: &Function, level: Level) -> Writes {
        let mut writes = Writes { regions: IdMap::default() };
        writes.region(f, level, f.body);
        writes
    }

    fn region(&mut self, f: &Function, level: Level, region: RegionId) -> Classes {
        let mut all = Classes::NONE;
        for &inst in &f.regions[region].insts {
            all = all.union(Classes::of(effects(&f.insts[inst].op, level).writes));
            for &r in &f.insts[inst].regions {
                all = all.union(self.region(f, level, r));
            }
        }
        self.regions.set(region, all);
        all
    }

    pub fn of(&self, region: RegionId) -> Classes {
        self.regions[region]
    }
}
