//! The binary form of the IR, for artifacts: small, versioned, and safe to read whatever the bytes.
//!
//! Values, instructions, regions and labels are numbered by their place, so their ids and definitions are not stored;
//! an operand is stored as the distance back to its definition. Facts (in-bounds, no-alias) are not stored because the
//! IR has none. [`load`] always verifies: time and memory are linear in the number of bytes, recursion is limited.
//!
//! A change of the format, of an op, or of the order of an enum's `ALL` needs a new [`VERSION`]; a reader with another
//! version compiles again from the source that travels with the IR.

mod wire;

use std::collections::BTreeMap;
use std::fmt;

use smallvec::SmallVec;
use wire::{Reader, Wire, Writer};

use super::compact::Order;
use super::module::{
    AliasClassData, DataTable, Entry, Function, InstId, Linkage, Loc, Module, Region, RegionId, Site, ValueData,
    ValueId, ValueList,
};
use super::op::{Const, Op};
use super::ty::Type;
use super::typing::region_count;
use super::verify::{self, Faults, Limits, MAX_DEPTH};
use crate::base::arena::{Arena, Id, IdMap};
use crate::diag::{FileId, Span};

/// The first bytes of every stored module.
pub const MAGIC: [u8; 4] = *b"GCIR";

/// The version of the format and of the ops in it.
pub const VERSION: u16 = 3;

/// Alias classes that every function has and that are not stored.
const FIXED_CLASSES: usize = 3;

/// Why bytes are not a module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// They are something else.
    NotIr,
    /// They are IR of another version.
    Version(u16),
    /// They break off or make no sense at an offset.
    Damaged { offset: usize, message: &'static str },
    /// They are a module that does not verify.
    Invalid(Faults),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::NotIr => f.write_str("this is not stored IR"),
            LoadError::Version(v) => write!(f, "this is IR of version {v}, not {VERSION}"),
            LoadError::Damaged { offset, message } => write!(f, "the stored IR is damaged at byte {offset}: {message}"),
            LoadError::Invalid(faults) => write!(f, "the stored IR is not valid: {faults}"),
        }
    }
}

impl std::error::Error for LoadError {}

type Result<T> = std::result::Result<T, LoadError>;

/// The bytes of a verified module. What is unreachable in it is left out.
pub fn store(m: &Module) -> Vec<u8> {
    let mut w = Writer::default();
    w.level(m.level);
    w.count(m.locs.len());
    for (_, loc) in m.locs.iter() {
        w.varint(loc.span.file.0.into());
        w.varint(loc.span.start.into());
        w.varint(loc.span.end.into());
        w.text(&loc.function);
        loc.inlined_at.put(&mut w);
    }
    w.count(m.sites.len());
    for (_, site) in m.sites.iter() {
        site.exception.put(&mut w);
        w.text(&site.message);
        site.loc.put(&mut w);
    }
    w.count(m.data.len());
    for (_, table) in m.data.iter() {
        w.text(&table.name);
        table.element.put(&mut w);
        w.count(table.bits.len());
        for &bits in &table.bits {
            w.bits(table.element, bits);
        }
    }
    w.count(m.functions.len());
    for (_, f) in m.functions.iter() {
        FunctionWriter::new(f, &mut w).function();
    }
    w.finish(MAGIC, VERSION)
}

/// The module that bytes stand for, verified within limits.
pub fn load(bytes: &[u8], limits: &Limits) -> Result<Module> {
    let mut r = Reader::new(bytes, MAGIC, VERSION, *limits)?;
    let mut m = Module::new(r.level()?);
    for _ in 0..r.count()? {
        let file = FileId(r.u32()?);
        let (start, end) = (r.u32()?, r.u32()?);
        let span = Span { file, start, end };
        m.locs.push(Loc { span, function: r.text()?, inlined_at: Wire::get(&mut r)? });
    }
    for _ in 0..r.count()? {
        m.sites.push(Site { exception: Wire::get(&mut r)?, message: r.text()?, loc: Wire::get(&mut r)? });
    }
    for _ in 0..r.count()? {
        let (name, element) = (r.text()?, Wire::get(&mut r)?);
        let count = r.count()?;
        let bits = (0..count).map(|_| r.bits(element)).collect::<Result<_>>()?;
        m.data.push(DataTable { name, element, bits });
    }
    for _ in 0..r.count()? {
        let f = FunctionReader::function(&mut r)?;
        m.functions.push(f);
    }
    r.finish()?;
    verify::verify_with(&m, limits).map_err(LoadError::Invalid)?;
    Ok(m)
}

/// Everything about how a function is called, in one byte.
fn kind_byte(f: &Function) -> u8 {
    let entry = match f.entry {
        Entry::Kernel => 0,
        Entry::Packed => 1,
        Entry::C => 2,
    };
    entry << 2 | (f.cold as u8) << 1 | (f.linkage == Linkage::Export) as u8
}

fn kind_of(byte: u8) -> Option<(Linkage, Entry, bool)> {
    let linkage = if byte & 1 == 1 { Linkage::Export } else { Linkage::Internal };
    let entry = match byte >> 2 {
        0 => Entry::Kernel,
        1 => Entry::Packed,
        2 => Entry::C,
        _ => return None,
    };
    Some((linkage, entry, byte & 2 != 0))
}

struct FunctionWriter<'a> {
    f: &'a Function,
    w: &'a mut Writer,
    values: IdMap<ValueData, Option<u32>>,
    labels: BTreeMap<Id<super::Label>, u32>,
    /// Regions still to be written: a module that does not verify may hold one twice.
    open: IdMap<Region, bool>,
    /// Values numbered so far.
    next: u32,
}

impl<'a> FunctionWriter<'a> {
    fn new(f: &'a Function, w: &'a mut Writer) -> Self {
        let order = Order::of(f);
        let mut open = IdMap::default();
        order.regions.iter().for_each(|&r| open.set(r, true));
        let labels = order.labels.iter().enumerate().map(|(n, &l)| (l, n as u32)).collect();
        FunctionWriter { f, w, values: IdMap::default(), labels, open, next: 0 }
    }

    fn function(&mut self) {
        let f = self.f;
        self.w.text(&f.name);
        self.w.byte(kind_byte(f));
        f.results.put(self.w);
        self.w.count(f.aliases.len().saturating_sub(FIXED_CLASSES));
        for (_, class) in f.aliases.iter().skip(FIXED_CLASSES) {
            self.w.text(&class.name);
            self.w.byte(class.constant as u8);
        }
        self.region(f.body);
    }

    fn region(&mut self, region: RegionId) {
        let f = self.f;
        if !self.open[region] {
            self.w.count(0);
            return self.w.count(0);
        }
        self.open.set(region, false);
        let data = &f.regions[region];
        self.define(&data.params);
        self.w.count(data.insts.len());
        for &id in &data.insts {
            self.inst(id);
        }
    }

    fn define(&mut self, values: &[ValueId]) {
        self.w.count(values.len());
        for &v in values {
            self.f.ty(v).put(self.w);
            self.values.set(v, Some(self.next));
            self.next += 1;
        }
    }

    fn inst(&mut self, id: InstId) {
        let inst = &self.f.insts[id];
        let labels = &self.labels;
        inst.op.clone().map_labels(|l| labels.get(&l).map_or(l, |&n| Id::new(n))).put(self.w);
        self.f.inst_locs[id].put(self.w);
        self.w.count(inst.args.len());
        for &v in &inst.args {
            let number = self.values[v].unwrap_or(self.next);
            self.w.varint((self.next - number).into());
        }
        self.define(&inst.results);
        for &r in &inst.regions {
            self.region(r);
        }
    }
}

struct FunctionReader<'r, 'a> {
    r: &'r mut Reader<'a>,
    f: Function,
}

impl<'r, 'a> FunctionReader<'r, 'a> {
    fn function(r: &'r mut Reader<'a>) -> Result<Function> {
        let name = r.text()?;
        let (linkage, entry, cold) = kind_of(r.byte()?).ok_or_else(|| r.damaged("no such kind of function"))?;
        let results = Vec::<Type>::get(r)?;
        let mut f = Function { cold, ..Function::new(name, &[], &results, linkage, entry) };
        for _ in 0..r.count()? {
            f.aliases.push(AliasClassData { name: r.text()?, constant: r.byte()? != 0 });
        }
        // The body is read as the region that it is: numbering starts anew.
        f.regions = Arena::default();
        let mut reader = FunctionReader { r, f };
        reader.region(0)?;
        Ok(reader.f)
    }

    fn region(&mut self, depth: usize) -> Result<RegionId> {
        if depth >= MAX_DEPTH {
            return Err(self.r.damaged("regions are nested too deep"));
        }
        let region = self.f.new_region(&[]);
        for _ in 0..self.r.count()? {
            let ty = Type::get(self.r)?;
            self.f.add_region_param(region, ty);
        }
        for _ in 0..self.r.count()? {
            let inst = self.inst(depth)?;
            self.f.regions[region].insts.push(inst);
        }
        Ok(region)
    }

    fn inst(&mut self, depth: usize) -> Result<InstId> {
        self.r.one_more_inst()?;
        let op = Op::get(self.r)?;
        let loc = Wire::get(self.r)?;
        let next = self.f.values.len() as u32;
        let mut args = ValueList::new();
        for _ in 0..self.r.count()? {
            let back = self.r.u32()?;
            let number = next.checked_sub(back).filter(|_| back > 0);
            args.push(Id::new(number.ok_or_else(|| self.r.damaged("an operand is not defined before"))?));
        }
        let results = SmallVec::<[Type; 4]>::from_vec(Vec::get(self.r)?);
        let regions = region_count(&op);
        if op.defined_label().is_some() {
            self.f.new_label();
        }
        let inst = self.f.new_inst(op, args, &results, SmallVec::new(), loc);
        for _ in 0..regions {
            let region = self.region(depth + 1)?;
            self.f.insts[inst].regions.push(region);
        }
        Ok(inst)
    }
}

/// A constant's bits take the room of its type.
impl Wire for Const {
    fn put(&self, w: &mut Writer) {
        self.ty.put(w);
        w.bits(self.ty, self.bits);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self> {
        let ty = Wire::get(r)?;
        Ok(Const { ty, bits: r.bits(ty)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::text;

    /// Every corpus module that verifies.
    fn sound() -> Vec<(String, Module)> {
        let mut found = Vec::new();
        for (path, text) in text::tests::corpus() {
            let m = text::parse(&text).expect("the corpus parses");
            if verify::verify(&m).is_ok() {
                found.push((path.display().to_string(), m));
            }
        }
        found
    }

    #[test]
    fn modules_come_back_equal() {
        for (name, m) in sound() {
            let bytes = store(&m);
            let back = load(&bytes, &Limits::HOSTILE).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(back == m, "{name}:\n{m}\n{back}");
            assert_eq!(store(&back), bytes, "{name}");
        }
    }

    /// The corpus holds every op there is: those that any first two bytes stand for.
    #[test]
    fn every_op_is_in_the_corpus() {
        let mut seen = std::collections::BTreeSet::new();
        for (_, m) in sound() {
            for (_, f) in m.functions.iter() {
                seen.extend(f.insts.iter().map(|(_, inst)| inst.op.name().into_owned()));
            }
        }
        let mut missing = std::collections::BTreeSet::new();
        let mut known = 0;
        for first in 0..=255 {
            for second in 0..=255 {
                let mut w = Writer::default();
                [first, second].into_iter().for_each(|b| w.byte(b));
                (0..16).for_each(|_| w.byte(0));
                let bytes = w.finish(MAGIC, VERSION);
                let mut r = Reader::new(&bytes, MAGIC, VERSION, Limits::DEFAULT).unwrap();
                let Ok(op) = Op::get(&mut r) else { continue };
                known += 1;
                let exists = !matches!(op, Op::Overflowing(c) if !c.is_machine());
                if exists && !seen.contains(&*op.name()) {
                    missing.insert(op.name().into_owned());
                }
            }
        }
        assert!(known > 100);
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn other_bytes_are_told_apart() {
        let (_, m) = &sound()[0];
        let mut bytes = store(m);
        assert_eq!(load(b"\0asm", &Limits::HOSTILE), Err(LoadError::NotIr));
        assert_eq!(load(b"GC", &Limits::HOSTILE), Err(LoadError::NotIr));
        bytes.push(0);
        assert!(matches!(load(&bytes, &Limits::HOSTILE), Err(LoadError::Damaged { .. })));
        bytes[4] = 99;
        assert_eq!(load(&bytes, &Limits::HOSTILE), Err(LoadError::Version(99)));
    }

    /// Thousands of changes and cuts of each module's bytes: any answer, no panic, and what loads is verified.
    #[test]
    fn damaged_bytes_are_safe() {
        let mut seed = 7u64;
        let mut random = move |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % n.max(1)
        };
        let mut loaded = 0;
        for (_, m) in sound() {
            let bytes = store(&m);
            for round in 0..1500 {
                let mut damaged = bytes.clone();
                for _ in 0..=round % 3 {
                    let at = 6 + random(damaged.len() - 6);
                    match random(4) {
                        0 => damaged[at] ^= 1 << random(8),
                        1 => damaged[at] = [0, 1, 0x7f, 0x80, 0xff][random(5)],
                        2 => drop(damaged.drain(at..(at + 1 + random(4)).min(damaged.len()))),
                        _ => damaged.insert(at, random(256) as u8),
                    }
                    if damaged.len() <= 6 {
                        break;
                    }
                }
                if let Ok(m) = load(&damaged, &Limits::HOSTILE) {
                    loaded += 1;
                    assert!(text::parse(&m.to_string()).is_ok_and(|again| again == m), "{m}");
                }
            }
            for end in 0..bytes.len() {
                assert!(load(&bytes[..end], &Limits::HOSTILE).is_err());
            }
        }
        assert!(loaded > 100, "the changes are too coarse to test what loads: {loaded}");
    }

    #[test]
    fn small_bytes_do_not_make_large_modules() {
        // A string that is referred to over and over, and nesting without end.
        let mut w = Writer::default();
        w.level(crate::ir::Level::Loop);
        w.count(1 << 20);
        assert!(load(&w.finish(MAGIC, VERSION), &Limits::HOSTILE).is_err());

        let mut w = Writer::default();
        w.level(crate::ir::Level::Loop);
        (0..3).for_each(|_| w.count(0));
        w.count(1);
        w.text("f");
        [0, 0, 0].into_iter().for_each(|b| w.byte(b));
        for k in 0..100_000 {
            w.count(0);
            w.count(1);
            Op::Block(Id::new(k)).put(&mut w);
            [0, 0, 0].into_iter().for_each(|b| w.byte(b));
        }
        let found = load(&w.finish(MAGIC, VERSION), &Limits::HOSTILE);
        assert!(matches!(found, Err(LoadError::Damaged { message: "regions are nested too deep", .. })), "{found:?}");
    }
}
