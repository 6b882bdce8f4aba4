//! Regions, constructs and calls: an array goes through them as address, shape, strides and owner.

use std::rc::Rc;

use super::descriptor::{Array, words};
use super::owners::initial;
use super::{Lower, Value, columns};
use crate::ir::op::{BufferOp, VectorOp};
use crate::ir::{AliasClass, AliasId, FuncId, InstId, Op, RegionId, Type, ValueId};

impl Lower<'_> {
    /// The instructions of a region, terminator included.
    pub fn region(&mut self, region: RegionId) -> Result<(), String> {
        let source = self.source;
        let Some((&last, insts)) = source.regions[region].insts.split_last() else {
            return Err("a region is empty".into());
        };
        for &inst in insts {
            self.inst(inst)?;
        }
        self.b.set_loc(source.inst_locs[last]);
        let i = &source.insts[last];
        let owner = match &i.op {
            Op::Yield | Op::Condition => self.open.last().copied(),
            Op::Break(l) | Op::Continue(l) => self.labels[*l].map(|(_, owner)| owner),
            _ => None,
        };
        let skip = matches!(i.op, Op::Condition) as usize;
        let mut args = self.list(&i.args[..skip])?;
        for (k, &v) in i.args[skip..].iter().enumerate() {
            let owned = match owner {
                Some(owner) => {
                    let results = &source.insts[owner].results;
                    let first = matches!(source.insts[owner].op, Op::VFor(_)) as usize;
                    results.get(first + k).is_some_and(|&r| self.owners.owned(self.id, r))
                }
                None => self.owners.result(self.id, k),
            };
            self.spread(v, owned, &mut args)?;
        }
        let labels = &self.labels;
        let op = i.op.clone().map_labels(|l| labels[l].map_or(l, |(new, _)| new));
        self.b.terminate(op, &args);
        Ok(())
    }

    /// What stands for a source value where a value of its type is passed on.
    fn spread(&mut self, v: ValueId, owned: bool, out: &mut Vec<ValueId>) -> Result<(), String> {
        if !matches!(self.source.ty(v), Type::Array(_)) {
            out.push(self.value(v)?);
            return Ok(());
        }
        let array = self.array(v)?;
        out.push(array.data);
        out.extend(&array.shape);
        if words(array.ty) > array.shape.len() {
            out.extend(&array.reported);
        }
        if owned {
            let owner = match array.owner {
                Some(owner) => owner,
                None => self.b.value(Op::Buffer(BufferOp::None), &[]),
            };
            out.push(owner);
        }
        Ok(())
    }

    /// Names what a construct, a call or a region's parameters give.
    pub fn bind(&mut self, source: &[ValueId], new: &[ValueId], class: AliasId) {
        let mut rest = new;
        for &v in source {
            let owned = self.owners.owned(self.id, v);
            let own = columns(self.source.ty(v), owned).len();
            let (mine, after) = rest.split_at(own.min(rest.len()));
            rest = after;
            match self.source.ty(v) {
                Type::Array(ty) => {
                    let owner = if owned { mine.last().copied() } else { None };
                    let (shape, strides) = mine[1..1 + words(ty)].split_at(ty.rank as usize);
                    let array = self.describe(ty, mine[0], shape.to_vec(), strides.to_vec(), owner, class);
                    self.values.set(v, Some(Value::Array(Rc::new(array))));
                }
                _ => self.set(v, mine[0]),
            }
        }
    }

    pub fn call(&mut self, inst: InstId, callee: FuncId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let mut args = Vec::new();
        for (k, &a) in i.args.iter().enumerate() {
            let owned = self.parameter_owned(callee, k);
            self.spread(a, owned, &mut args)?;
        }
        let new = self.b.call(callee, &args);
        let values = self.b.results(new).to_vec();
        // What the callee owns for certain, the result of the call owns too: the analysis sees to it.
        self.bind(&i.results, &values, AliasClass::ANY);
        Ok(())
    }

    fn parameter_owned(&self, callee: FuncId, k: usize) -> bool {
        self.owners.parameter(callee, k)
    }

    /// An instruction with regions.
    pub fn construct(&mut self, inst: InstId) -> Result<(), String> {
        let source = self.source;
        let i = &source.insts[inst];
        let first = initial(&i.op).unwrap_or(i.args.len());
        let mut args = self.list(&i.args[..first])?;
        let skip = matches!(i.op, Op::VFor(_)) as usize;
        for (k, &a) in i.args[first..].iter().enumerate() {
            let owned = self.owners.owned(self.id, i.results[skip + k]);
            self.spread(a, owned, &mut args)?;
        }
        let mut op = i.op.clone();
        if let Some(l) = i.op.defined_label() {
            let new = self.b.function.new_label();
            self.labels.set(l, Some((new, inst)));
            op = op.map_labels(|_| new);
        }
        let outside = self.b.region();
        self.open.push(inst);
        let mut regions = Vec::new();
        for &r in &i.regions {
            let params = &source.regions[r].params;
            let types: Vec<Type> =
                params.iter().flat_map(|&p| columns(source.ty(p), self.owners.owned(self.id, p))).collect();
            let new = self.b.function.new_region(&types);
            regions.push(new);
            self.b.enter(new);
            let values = self.b.function.regions[new].params.to_vec();
            self.bind(params, &values, AliasClass::ANY);
            self.region(r)?;
        }
        self.open.pop();
        self.b.enter(outside);
        self.b.set_loc(source.inst_locs[inst]);
        let types: Vec<Type> =
            i.results.iter().flat_map(|&r| columns(source.ty(r), self.owners.owned(self.id, r))).collect();
        debug_assert!(!matches!(op, Op::Vector(VectorOp::Lanes)) || types.len() == i.results.len());
        let new = self.b.push_typed(op, &args, &regions, &types);
        let values = self.b.results(new).to_vec();
        self.bind(&i.results, &values, AliasClass::ANY);
        Ok(())
    }

    /// The array that some values describe.
    fn describe(
        &mut self,
        ty: crate::ir::ArrayType,
        data: ValueId,
        shape: Vec<ValueId>,
        strides: Vec<ValueId>,
        owner: Option<ValueId>,
        class: AliasId,
    ) -> Array {
        let strides = if strides.is_empty() { self.dense_strides(ty, &shape) } else { strides };
        self.guards.set(data, owner);
        Array { ty, data, shape, reported: strides.clone(), strides, owner, class }
    }
}
