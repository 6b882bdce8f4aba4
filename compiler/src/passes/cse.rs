//! Computes nothing twice: an op that an earlier one in scope already computed takes its results.
//!
//! Pays because back-ends merge neither checked arithmetic nor ordinary loads. An op that may raise counts as well:
//! where the same one came before and went well, the later one cannot fail. A load is the same as an earlier one, or
//! gives what was stored, if nothing in between may have written there. A branch on what a branch around it has settled
//! is no branch.
//!
//! Relies on lexical scope being dominance. Takes and leaves any level.

use std::hash::{Hash, Hasher};

use super::analysis::memory::{Classes, Writes};
use super::analysis::purity::CallEffects;
use super::edit::{self, Action, Edit, Visitor};
use super::manager::Cx;
use crate::base::arena::Id;
use crate::ir::control::SECOND;
use crate::ir::effects::{Memory, effects};
use crate::ir::op::{Access, BufferOp, CheckedOp};
use crate::ir::{AliasId, Function, InstId, Level, Op, ValueId, ValueList};

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    let level = cx.module.level;
    let classes = f.aliases.len();
    let mut pass = Cse {
        level,
        calls: cx.calls,
        writes: Writes::new(f, level),
        table: Table::new(f.insts.len()),
        clock: 1,
        written: vec![0; classes],
        scopes: Vec::new(),
    };
    edit::walk(f, &mut pass)
}

struct Cse<'a> {
    level: Level,
    calls: &'a CallEffects,
    writes: Writes,
    table: Table,
    /// Counts writes.
    clock: u32,
    /// The clock at the last write of each class.
    written: Vec<u32>,
    /// Table marks of the regions around the code at hand.
    scopes: Vec<usize>,
}

/// Entries looked through for loads that a store leaves alone.
const LOOK_BACK: usize = 32;

/// What is the same if it is computed again.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    op: Op,
    args: ValueList,
    /// The clock at the last write of what it reads.
    memory: u32,
}

impl Visitor for Cse<'_> {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        if let Some(side) = self.settled(e.f, inst) {
            return Action::Splice(e.f.insts[inst].regions[side]);
        }
        let i = &e.f.insts[inst];
        let writes = Classes::of(effects(&i.op, self.level).writes);
        if let Some(key) = self.key(e.f, inst) {
            if let Some(known) = self.table.find(&key) {
                let pairs: Vec<(ValueId, ValueId)> = i.results.iter().copied().zip(known.iter().copied()).collect();
                for (old, new) in pairs {
                    e.replace(old, new);
                }
                e.changed = true;
                return Action::Remove;
            }
            let results = i.results.clone();
            self.table.insert(key, results);
        } else if let Op::Store(access) = e.f.insts[inst].op {
            let before = self.version(access.class);
            self.write(e.f, writes);
            self.keep_apart(e.f, inst, &access, before);
            self.forward(e.f, inst);
        } else {
            self.write(e.f, writes);
        }
        Action::Keep
    }

    fn enter_region(&mut self, e: &mut Edit<'_>, inst: InstId, index: usize) {
        let i = &e.f.insts[inst];
        self.scopes.push(self.table.entries.len());
        if i.op == Op::If {
            self.table.insert(side(e.f, inst, index), ValueList::new());
        }
        let before = match i.op {
            // An earlier round, or the test after a round.
            ref op if op.is_loop() => i.regions.iter().fold(Classes::NONE, |all, &r| all.union(self.writes.of(r))),
            // What comes before a raise.
            Op::Try(_) if index == SECOND => self.writes.of(i.regions[0]),
            // The other side did not happen, but the clock has no way back.
            _ => Classes::NONE,
        };
        self.write(e.f, before);
    }

    fn leave_region(&mut self, e: &mut Edit<'_>, inst: InstId, index: usize) {
        let mark = self.scopes.pop().unwrap_or_default();
        self.table.truncate(mark);
        let region = e.f.insts[inst].regions[index];
        let writes = self.writes.of(region);
        self.write(e.f, writes);
    }
}

/// That control has come to a side of a branch, as an entry of the table.
fn side(f: &Function, branch: InstId, index: usize) -> Key {
    Key { op: Op::If, args: f.insts[branch].args.clone(), memory: index as u32 }
}

impl Cse<'_> {
    /// The side that a branch takes because one around it has taken it.
    fn settled(&self, f: &Function, inst: InstId) -> Option<usize> {
        let is_branch = f.insts[inst].op == Op::If;
        (0..=SECOND).find(|&k| is_branch && self.table.find(&side(f, inst, k)).is_some())
    }

    fn write(&mut self, f: &Function, classes: Classes) {
        if classes.is_empty() {
            return;
        }
        self.clock += 1;
        for (id, _) in f.aliases.iter() {
            if classes.may_change(f, id) {
                self.written[id.index()] = self.clock;
            }
        }
    }

    fn version(&self, class: AliasId) -> u32 {
        self.written[class.index()]
    }

    /// The key of an instruction that may be merged with an equal one before it.
    fn key(&self, f: &Function, inst: InstId) -> Option<Key> {
        let i = &f.insts[inst];
        if let Op::Call(callee) = i.op {
            // The same arguments give the same results, or the same failure before.
            let apart = !self.calls.of(callee).touches_memory;
            return apart.then(|| Key { op: i.op.clone(), args: i.args.clone(), memory: 0 });
        }
        let effects = effects(&i.op, self.level);
        if effects.control || effects.writes != Memory::None {
            return None;
        }
        let mut args = i.args.clone();
        let mut memory = 0;
        // Which site would have raised does not matter once none has.
        let op = match &i.op {
            Op::StackSlot(_) | Op::StackPointer | Op::StackCheck(_) => return None,
            Op::Checked(op, _) => {
                if matches!(op, CheckedOp::Add | CheckedOp::Mul) {
                    args.sort_unstable();
                }
                Op::Checked(*op, Id::new(0))
            }
            Op::Check(_) => {
                args.truncate(1);
                Op::Check(Id::new(0))
            }
            Op::Binary(op) => {
                if op.is_commutative() {
                    args.sort_unstable();
                }
                Op::Binary(*op)
            }
            Op::Compare(op) if args[1] < args[0] => {
                args.swap(0, 1);
                Op::Compare(op.swapped())
            }
            Op::Load(_) | Op::Vector(_) => {
                if let Memory::Class(c) = effects.reads {
                    memory = self.version(c);
                }
                i.op.clone()
            }
            Op::Buffer(BufferOp::Data) => i.op.clone(),
            _ if effects.raises || effects.reads != Memory::None => return None,
            op => op.clone(),
        };
        Some(Key { op, args, memory })
    }

    /// Loads from beside what is stored, at other offsets of the same base and index, are as good as before.
    fn keep_apart(&mut self, f: &Function, store: InstId, stored: &Access, before: u32) {
        let address = &f.insts[store].args[..2];
        let memory = self.version(stored.class);
        let end = |a: &Access| a.offset as i64 + a.element.bytes() as i64;
        // Addresses wrap at 32 bits on some targets.
        let near = |a: &Access| a.offset.unsigned_abs() < 1 << 30;
        let apart = |a: &Access| end(a) <= stored.offset as i64 || end(stored) <= a.offset as i64;
        for k in self.table.entries.len().saturating_sub(LOOK_BACK)..self.table.entries.len() {
            let Entry { key, results, .. } = &self.table.entries[k];
            if let Op::Load(a) = &key.op
                && (a.class, key.memory, &key.args[..]) == (stored.class, before, address)
                && a.scale == stored.scale
                && (near(a) && near(stored) && apart(a))
            {
                let (key, results) = (Key { memory, ..key.clone() }, results.clone());
                self.table.insert(key, results);
            }
        }
    }

    /// What was stored is what a load from there gives.
    fn forward(&mut self, f: &Function, inst: InstId) {
        let i = &f.insts[inst];
        if let Op::Store(access) = &i.op {
            let args = i.args[..2].into();
            let memory = self.version(access.class);
            let key = Key { op: Op::Load(*access), args, memory };
            self.table.insert(key, [i.args[2]].into_iter().collect());
        }
    }
}

/// A hash table with scopes: entries go in the opposite order of coming.
struct Table {
    /// The latest entry of each bucket, plus 1.
    heads: Vec<u32>,
    entries: Vec<Entry>,
}

struct Entry {
    key: Key,
    results: ValueList,
    bucket: u32,
    /// The entry before it in its bucket, plus 1.
    next: u32,
}

impl Table {
    fn new(entries: usize) -> Table {
        let buckets = entries.next_power_of_two().clamp(16, 1 << 16);
        Table { heads: vec![0; buckets], entries: Vec::new() }
    }

    fn bucket(&self, key: &Key) -> usize {
        let mut hasher = Mix(0);
        key.hash(&mut hasher);
        (hasher.finish() >> 32) as usize & (self.heads.len() - 1)
    }

    fn find(&self, key: &Key) -> Option<&ValueList> {
        let mut at = self.heads[self.bucket(key)];
        while at != 0 {
            let entry = &self.entries[at as usize - 1];
            if entry.key == *key {
                return Some(&entry.results);
            }
            at = entry.next;
        }
        None
    }

    fn insert(&mut self, key: Key, results: ValueList) {
        let bucket = self.bucket(&key);
        let next = self.heads[bucket];
        self.entries.push(Entry { key, results, bucket: bucket as u32, next });
        self.heads[bucket] = self.entries.len() as u32;
    }

    fn truncate(&mut self, len: usize) {
        while self.entries.len() > len {
            if let Some(entry) = self.entries.pop() {
                self.heads[entry.bucket as usize] = entry.next;
            }
        }
    }
}

/// A quick hash with the same result everywhere.
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.write_u64(b as u64);
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(n as u64);
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(n as u64);
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}
