//! Maps that wait: an elementwise expression as a tree, whose elements are computed where they are wanted.
//!
//! A map is delayed if one instruction of the same region wants its elements, another map, an assignment or a
//! reduction, and nothing writes memory in between: an array value is a snapshot. What a map raises it raises where it
//! stands, and its elements raise nothing.

use std::rc::Rc;

use super::descriptor::Array;
use super::{Lower, Value};
use crate::base::arena::IdMap;
use crate::ir::effects::{Memory, effects};
use crate::ir::op::{ArrayOp, BinaryOp, CompareOp};
use crate::ir::{ArrayType, Function, Inst, InstId, Layout, Level, Op, RegionId, SiteId, Type, ValueId};

/// An elementwise expression.
pub struct Tree {
    pub ty: ArrayType,
    pub shape: Vec<ValueId>,
    pub node: Node,
    pub site: SiteId,
}

pub enum Node {
    /// The elements of an array.
    Leaf(Rc<Array>),
    Scalar(ValueId),
    /// The region of a map over what stands for its operands.
    Map(InstId, Vec<Rc<Tree>>),
}

impl Tree {
    /// The arrays that are read, each once.
    pub fn leaves(&self) -> Vec<Rc<Array>> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect(&self, found: &mut Vec<Rc<Array>>) {
        match &self.node {
            Node::Leaf(a) if !found.iter().any(|other| other.same_place(a) && other.ty.dtype == a.ty.dtype) => {
                found.push(Rc::clone(a));
            }
            Node::Leaf(_) | Node::Scalar(_) => {}
            Node::Map(_, operands) => operands.iter().for_each(|o| o.collect(found)),
        }
    }
}

/// The maps of a function whose one user may compute them.
pub fn delayed(f: &Function) -> IdMap<Inst, bool> {
    let mut users: IdMap<crate::ir::module::ValueData, Vec<InstId>> = IdMap::default();
    for inst in f.all_insts() {
        // The length of an axis is known without the elements.
        if matches!(f.insts[inst].op, Op::Array(ArrayOp::Dim(_))) {
            continue;
        }
        for &a in &f.insts[inst].args {
            if matches!(f.ty(a), Type::Array(_)) && users[a].last() != Some(&inst) {
                users.entry(a).push(inst);
            }
        }
    }
    let mut delayed = IdMap::default();
    region(f, f.body, &users, &mut delayed);
    delayed
}

fn region(
    f: &Function,
    region_id: RegionId,
    users: &IdMap<crate::ir::module::ValueData, Vec<InstId>>,
    delayed: &mut IdMap<Inst, bool>,
) {
    let insts = &f.regions[region_id].insts;
    // Where the elements of each map are computed.
    let mut computed: IdMap<Inst, usize> = IdMap::default();
    // Of each position, the next one at which something is written.
    let mut next_write = vec![insts.len(); insts.len() + 1];
    for (at, &inst) in insts.iter().enumerate().rev() {
        next_write[at] = if writes(f, inst) { at } else { next_write[at + 1] };
        let i = &f.insts[inst];
        for &r in &i.regions {
            region(f, r, users, delayed);
        }
        if !matches!(i.op, Op::Array(ArrayOp::Map(..))) {
            continue;
        }
        let [user] = users[i.results[0]][..] else { continue };
        let Some(position) = insts[at + 1..].iter().position(|&k| k == user).map(|k| at + 1 + k) else { continue };
        let wanted = match &f.insts[user].op {
            Op::Array(ArrayOp::Map(..)) if delayed[user] => computed[user],
            Op::Array(ArrayOp::Map(..) | ArrayOp::Reduce(..)) => position,
            // Not where it would be written.
            Op::Array(ArrayOp::Assign(_)) if f.insts[user].args[0] != i.results[0] => position,
            _ => continue,
        };
        if next_write[at + 1] >= wanted {
            delayed.set(inst, true);
            computed.set(inst, wanted);
        }
    }
}

/// The instruction, or something in it, writes memory that was there before.
fn writes(f: &Function, inst: InstId) -> bool {
    let i = &f.insts[inst];
    let fresh = matches!(i.op, Op::Array(ArrayOp::Alloc(..)));
    let itself = !fresh && effects(&i.op, Level::Array).writes != Memory::None;
    itself || i.regions.iter().any(|&r| f.regions[r].insts.iter().any(|&k| writes(f, k)))
}

/// A comparison that must hold for the simple way.
pub type Equal = (ValueId, ValueId);

impl Lower<'_> {
    /// A map: its shape is settled here, its elements where they are wanted.
    pub fn map(&mut self, inst: InstId, site: SiteId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let Type::Array(ty) = self.source.ty(i.results[0]) else { return Err("a map gives no array".into()) };
        let operands = i.args.iter().map(|&a| self.tree(a, site)).collect::<Result<Vec<_>, _>>()?;
        let shapes: Vec<Vec<ValueId>> =
            operands.iter().filter(|t| !matches!(t.node, Node::Scalar(_))).map(|t| t.shape.clone()).collect();
        let shape = self.broadcast(&shapes, site);
        let tree = Rc::new(Tree { ty, shape, node: Node::Map(inst, operands), site });
        let value =
            if self.delayed[inst] { Value::Delayed(tree) } else { Value::Array(Rc::new(self.materialise(&tree)?)) };
        self.values.set(i.results[0], Some(value));
        Ok(())
    }

    /// What stands for an operand.
    pub fn tree(&mut self, v: ValueId, site: SiteId) -> Result<Rc<Tree>, String> {
        Ok(match self.values[v].clone() {
            Some(Value::Delayed(tree)) => tree,
            Some(Value::Array(a)) => Rc::new(Tree { ty: a.ty, shape: a.shape.clone(), node: Node::Leaf(a), site }),
            Some(Value::Plain(new)) => {
                let dtype = self.b.ty(new).as_scalar().ok_or("an operand is neither array nor scalar")?;
                let ty = ArrayType { dtype, rank: 0, layout: Layout::C, writable: false };
                Rc::new(Tree { ty, shape: vec![], node: Node::Scalar(new), site })
            }
            None => return Err("a value is used before it is defined".into()),
        })
    }

    /// The common shape; raises at the site if there is none.
    fn broadcast(&mut self, shapes: &[Vec<ValueId>], site: SiteId) -> Vec<ValueId> {
        let rank = shapes.iter().map(Vec::len).max().unwrap_or(0);
        let payload: Vec<ValueId> = shapes.iter().flatten().copied().take(crate::abi::PAYLOAD_WORDS).collect();
        let mut common = Vec::new();
        for axis in 0..rank {
            let mut lengths: Vec<ValueId> = Vec::new();
            for shape in shapes {
                let Some(k) = (axis + shape.len()).checked_sub(rank) else { continue };
                if self.known(shape[k]) != Some(1) && !lengths.contains(&shape[k]) {
                    lengths.push(shape[k]);
                }
            }
            let Some((&first, rest)) = lengths.split_first() else {
                common.push(self.i64(1));
                continue;
            };
            let one = self.i64(1);
            let mut length = first;
            for &other in rest {
                let same = self.b.compare(CompareOp::Eq, length, other);
                let grows = self.b.compare(CompareOp::Eq, length, one);
                let stretches = self.b.compare(CompareOp::Eq, other, one);
                let ok = self.b.binary(BinaryOp::Or, grows, stretches);
                let ok = self.b.binary(BinaryOp::Or, same, ok);
                self.b.check(ok, site, &payload);
                length = self.b.select(grows, other, length);
            }
            common.push(length);
        }
        common
    }

    /// Raises at the site unless an array of shape `from` can be written to one of shape `to`.
    pub fn broadcasts_to(&mut self, from: &[ValueId], to: &[ValueId], site: SiteId) {
        let payload: Vec<ValueId> = to.iter().chain(from).copied().take(crate::abi::PAYLOAD_WORDS).collect();
        for (&n, &m) in from.iter().rev().zip(to.iter().rev()) {
            if n == m || self.known(n) == Some(1) {
                continue;
            }
            let one = self.i64(1);
            let same = self.b.compare(CompareOp::Eq, n, m);
            let stretches = self.b.compare(CompareOp::Eq, n, one);
            let ok = self.b.binary(BinaryOp::Or, same, stretches);
            self.b.check(ok, site, &payload);
        }
    }

    /// Lengths that must agree for every array to be walked by its own strides.
    pub fn must_agree(&self, leaves: &[Rc<Array>], shape: &[ValueId]) -> Vec<Equal> {
        let mut pairs: Vec<Equal> = Vec::new();
        for leaf in leaves {
            for (&n, &m) in leaf.shape.iter().rev().zip(shape.iter().rev()) {
                if n != m && self.known(n) != Some(1) && !pairs.contains(&(n, m)) {
                    pairs.push((n, m));
                }
            }
        }
        pairs
    }

    /// Whether all of the pairs are equal; `None` if there is nothing to ask.
    pub fn all_agree(&mut self, pairs: &[Equal]) -> Option<ValueId> {
        let mut all = None;
        for &(n, m) in pairs {
            let same = self.b.compare(CompareOp::Eq, n, m);
            all = Some(match all {
                Some(others) => self.b.binary(BinaryOp::And, others, same),
                None => same,
            });
        }
        all
    }

    /// One element of the expression; `load` gives the elements of arrays.
    pub fn element(
        &mut self,
        tree: &Tree,
        load: &mut dyn FnMut(&mut Self, &Array) -> ValueId,
    ) -> Result<ValueId, String> {
        match &tree.node {
            Node::Leaf(a) => Ok(load(self, a)),
            Node::Scalar(v) => Ok(*v),
            Node::Map(inst, operands) => {
                let mut values = Vec::new();
                for o in operands {
                    values.push(self.element(o, load)?);
                }
                self.per_element(*inst, &values)
            }
        }
    }

    /// The region of a map, for one element.
    fn per_element(&mut self, inst: InstId, values: &[ValueId]) -> Result<ValueId, String> {
        let source = self.source;
        let region = source.insts[inst].regions[0];
        for (&p, &v) in source.regions[region].params.iter().zip(values) {
            self.set(p, v);
        }
        let Some((&last, insts)) = source.regions[region].insts.split_last() else {
            return Err("the region of a map is empty".into());
        };
        for &i in insts {
            self.inst(i)?;
        }
        self.value(source.insts[last].args[0])
    }

    /// The expression's value in memory of its own.
    pub fn materialise(&mut self, tree: &Tree) -> Result<Array, String> {
        let site = self.memory_site(tree.site);
        let ty = ArrayType { writable: true, ..tree.ty };
        let ty = match ty.layout {
            Layout::Strided => ArrayType { layout: Layout::C, ..ty },
            Layout::C | Layout::F => ty,
        };
        let fresh = self.alloc(ty, &tree.shape, site);
        self.fill(&fresh, tree)?;
        Ok(Array { ty: ArrayType { layout: ty.layout, ..tree.ty }, ..fresh })
    }
}
