//! Faults that no text can hold, and depth.

use super::*;
use crate::base::arena::Id;
use crate::ir::module::{Entry, Inst, Level, Linkage, RegionId, ValueDef};
use crate::ir::op::{Const, Op};
use crate::ir::{Builder, Type};

fn function(params: &[Type], results: &[Type]) -> Function {
    Function::new("f", params, results, Linkage::Export, Entry::Kernel)
}

/// The faults of a module made of one function.
fn faults(f: Function) -> String {
    let mut m = Module::new(Level::Loop);
    m.functions.push(f);
    let found = verify(&m).expect_err("the function is broken");
    assert!(found.render(&m).contains("fault: "), "faults are shown in the text");
    found.to_string()
}

/// A change that breaks a sound function.
type Break = fn(&mut Function);

/// A function that returns its parameter plus one, for breaking.
fn sound() -> Function {
    let mut m = Module::new(Level::Loop);
    let mut f = function(&[Type::I64], &[Type::I64]);
    let p = f.params()[0];
    let mut b = Builder::new(&mut m, &mut f);
    let one = b.i64(1);
    let sum = b.binary(crate::ir::op::BinaryOp::Add, p, one);
    b.return_(&[sum]);
    f
}

fn wrap(op: Op, args: &[ValueId], regions: &[RegionId]) -> Inst {
    Inst { op, args: args.into(), results: Default::default(), regions: regions.into() }
}

#[test]
fn ids_out_of_range_are_found() {
    let breaks: [(&str, Break); 9] = [
        ("region 9 does not exist", |f| f.body = Id::new(9)),
        ("instruction 99 does not exist", |f| f.regions[f.body].insts.push(Id::new(99))),
        ("value 77 does not exist", |f| f.insts[Id::new(1)].args[0] = Id::new(77)),
        ("value 78 does not exist", |f| f.insts[Id::new(1)].results[0] = Id::new(78)),
        ("the site does not exist", |f| f.insts[Id::new(2)].op = Op::Raise(None, Id::new(3))),
        ("the label does not exist", |f| f.insts[Id::new(2)].op = Op::Break(Id::new(3))),
        ("the callee does not exist", |f| f.insts[Id::new(1)].op = Op::Call(Id::new(3))),
        ("the table does not exist", |f| f.insts[Id::new(1)].op = Op::DataAddr(Id::new(3))),
        ("the location does not exist", |f| f.inst_locs.set(Id::new(1), Some(Id::new(3)))),
    ];
    let mut m = Module::new(Level::Loop);
    m.functions.push(sound());
    assert_eq!(verify(&m), Ok(()));
    for (message, change) in breaks {
        let mut f = sound();
        change(&mut f);
        let found = faults(f);
        assert!(found.contains(message), "{message}: {found}");
    }
}

#[test]
fn what_stands_twice_is_found() {
    let mut f = sound();
    let first = f.regions[f.body].insts[0];
    f.regions[f.body].insts.insert(1, first);
    assert!(faults(f).contains("the instruction stands twice"));

    let mut f = sound();
    let body = f.body;
    let inst = f.insts.push(wrap(Op::If, &[], &[body, body]));
    f.regions[body].insts.insert(0, inst);
    assert!(faults(f).contains("is used twice"));

    let mut f = sound();
    f.values[Id::new(1)].def = ValueDef::Param(f.body, 0);
    assert!(faults(f).contains("says that it is defined elsewhere"));

    let mut f = sound();
    let label = f.new_label();
    for _ in 0..2 {
        let region = f.new_region(&[]);
        let end = f.insts.push(wrap(Op::Yield, &[], &[]));
        f.regions[region].insts.push(end);
        let block = f.insts.push(wrap(Op::Block(label), &[], &[region]));
        f.regions[f.body].insts.insert(0, block);
    }
    assert!(faults(f).contains("another construct defines this label"));
}

#[test]
fn regions_and_classes_are_as_they_must_be() {
    let mut f = sound();
    let inst = f.insts.push(wrap(Op::If, &[], &[]));
    f.regions[f.body].insts.insert(0, inst);
    assert!(faults(f).contains("if has 2 regions, not 0"));

    let mut f = sound();
    f.aliases[crate::ir::AliasClass::TABLE].constant = false;
    assert!(faults(f).contains("alias class 1 must be `table`"));

    // A use before the definition, which text cannot spell.
    let mut f = sound();
    f.regions[f.body].insts.swap(0, 1);
    assert!(faults(f).contains("is not defined here"));
}

#[test]
fn limits_hold() {
    let mut m = Module::new(Level::Loop);
    m.functions.push(sound());
    let limits = Limits { insts: 2, ..Limits::HOSTILE };
    assert!(verify_with(&m, &limits).unwrap_err().to_string().contains("3 instructions, at most 2"));
    let limits = Limits { values: 2, ..Limits::HOSTILE };
    assert!(verify_with(&m, &limits).unwrap_err().to_string().contains("too many"));
    assert_eq!(verify_with(&m, &Limits::HOSTILE), Ok(()));
}

/// A function of so many blocks inside each other.
fn nested(depth: usize) -> Function {
    let mut m = Module::new(Level::Loop);
    let mut f = function(&[], &[]);
    let mut at = f.body;
    let mut regions = vec![at];
    for _ in 1..depth {
        let label = f.new_label();
        let (_, body) = Builder::at(&mut m, &mut f, at).block(label, &[]);
        regions.push(body);
        at = body;
    }
    for (k, region) in regions.into_iter().enumerate() {
        let mut b = Builder::at(&mut m, &mut f, region);
        b.constant(Const::bool(true));
        if k == 0 { b.return_(&[]) } else { b.yield_(&[]) }
    }
    f
}

#[test]
fn nesting_is_limited() {
    let mut m = Module::new(Level::Loop);
    m.functions.push(nested(MAX_DEPTH));
    assert_eq!(verify(&m), Ok(()));
    let text = m.to_string();
    assert!(crate::ir::text::parse(&text).is_ok());
    assert!(faults(nested(MAX_DEPTH + 1)).contains("nested deeper than 256"));
}
