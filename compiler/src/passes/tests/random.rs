//! Random programs mean the same after all passes: nested control of every kind, arithmetic that raises, memory.

use super::*;
use crate::ir::op::Access;
use crate::ir::{AliasClass, LabelId, RegionId};

/// A small generator of numbers, the same everywhere (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A construct that terminators may name.
#[derive(Clone)]
enum Around {
    Block(LabelId, Vec<Type>),
    Loop(LabelId, Vec<Type>),
    Try(LabelId),
}

struct Maker<'a, 'b> {
    b: &'a mut Builder<'b>,
    numbers: Numbers,
    /// Values in scope.
    scope: Vec<ValueId>,
    around: Vec<Around>,
    memory: ValueId,
    callees: Vec<FuncId>,
    budget: usize,
}

const TYPES: [Type; 5] = [Type::I64, Type::I32, Type::BOOL, Type::F64, Type::Scalar(Scalar::U8)];
const CONSTANTS: [i64; 12] = [0, 1, 2, -1, 3, 7, 8, 100, i64::MAX, i64::MIN, i32::MAX as i64, -8];

impl Maker<'_, '_> {
    fn ty(&mut self) -> Type {
        TYPES[[0, 0, 0, 1, 2, 2, 3, 4][self.numbers.below(8)]]
    }

    fn constant(&mut self, ty: Type) -> ValueId {
        let value = CONSTANTS[self.numbers.below(CONSTANTS.len())];
        match ty.as_scalar().unwrap_or(Scalar::I64) {
            Scalar::F64 => {
                let floats = [0.0, -0.0, 1.0, -2.5, 1e300, f64::NAN, 0.5, 3e9];
                let k = self.numbers.below(floats.len());
                self.b.f64(floats[k])
            }
            s => self.b.int(s, value),
        }
    }

    /// Some value of a type: one in scope, or a new one.
    fn value(&mut self, ty: Type) -> ValueId {
        let fitting: Vec<ValueId> = self.scope.iter().copied().filter(|&v| self.b.ty(v) == ty).collect();
        if fitting.is_empty() || self.numbers.chance(15) {
            return self.constant(ty);
        }
        // Recent ones more often.
        let k = self.numbers.below(fitting.len()).max(self.numbers.below(fitting.len()));
        fitting[k]
    }

    fn values(&mut self, types: &[Type]) -> Vec<ValueId> {
        types.iter().map(|&t| self.value(t)).collect()
    }

    fn types(&mut self) -> Vec<Type> {
        (0..self.numbers.below(3)).map(|_| self.ty()).collect()
    }

    /// Statements, without the region's end. Gives whether the end is still to be written.
    fn statements(&mut self, depth: usize) -> bool {
        for _ in 0..1 + self.numbers.below(6) {
            if self.budget == 0 {
                return true;
            }
            self.budget -= 1;
            match self.numbers.below(20) {
                0..=10 => self.arithmetic(),
                11 | 12 => self.memory(),
                13 => self.raising(),
                14 if depth > 0 && self.leave() => return false,
                _ if depth < 5 => self.construct(depth + 1),
                _ => self.arithmetic(),
            }
        }
        true
    }

    fn arithmetic(&mut self) {
        let ty = self.ty();
        let (a, b) = (self.value(ty), self.value(ty));
        let s = ty.as_scalar().unwrap_or(Scalar::I64);
        let r = match self.numbers.below(8) {
            0 | 1 => {
                let op = BinaryOp::ALL[self.numbers.below(15)];
                if !op.accepts(s) {
                    return;
                }
                self.b.binary(op, a, b)
            }
            2 => {
                let op = UnaryOp::ALL[self.numbers.below(8)];
                if !op.accepts(s) {
                    return;
                }
                self.b.unary(op, a)
            }
            3 => self.b.compare(CompareOp::ALL[self.numbers.below(6)], a, b),
            4 => {
                let c = self.value(Type::BOOL);
                self.b.select(c, a, b)
            }
            5 => {
                let to = self.ty().as_scalar().unwrap_or(Scalar::I64);
                self.b.convert(to, a)
            }
            _ if s.is_signed() => {
                let op = CheckedOp::ALL[self.numbers.below(6)];
                let mut args = [a, b];
                if op == CheckedOp::Shl {
                    let count = self.b.int(s, 5);
                    args[1] = self.b.binary(BinaryOp::FloorMod, b, count);
                }
                self.b.checked(op, &args[..op.arity()], SiteId::new(0))
            }
            _ => return,
        };
        self.scope.push(r);
    }

    /// Loads and stores of eight words, by a masked index.
    fn memory(&mut self) {
        let index = self.value(Type::I64);
        let mask = self.b.i64(3);
        let index = self.b.binary(BinaryOp::And, index, mask);
        let offset = 8 * self.numbers.below(4) as i32;
        let access = Access { offset, ..Access::dense(Scalar::I64, AliasClass::ANY) };
        if self.numbers.chance(50) {
            let v = self.value(Type::I64);
            self.b.store(access, self.memory, index, v);
        } else {
            let v = self.b.load(access, self.memory, index);
            self.scope.push(v);
        }
    }

    fn raising(&mut self) {
        if !self.callees.is_empty() && self.numbers.chance(40) {
            let callee = self.callees[self.numbers.below(self.callees.len())];
            let args = self.values(&[Type::I64, Type::I64]);
            let call = self.b.call(callee, &args);
            self.scope.extend(self.b.results(call).to_vec());
            return;
        }
        let c = self.value(Type::BOOL);
        let word = self.value(Type::I64);
        self.b.check(c, SiteId::new(1), &[word]);
    }

    /// A terminator other than `yield`, if there is somewhere to go.
    fn leave(&mut self) -> bool {
        let k = self.numbers.below(self.around.len() + 1);
        match self.around.get(k).cloned() {
            None => {
                let word = self.value(Type::I64);
                self.b.terminate(Op::Raise(None, SiteId::new(1)), &[word]);
            }
            Some(Around::Try(l)) => {
                let word = self.value(Type::F64);
                self.b.terminate(Op::Raise(Some(l), SiteId::new(2)), &[word]);
            }
            Some(Around::Block(l, types)) => {
                let values = self.values(&types);
                self.b.terminate(Op::Break(l), &values);
            }
            Some(Around::Loop(l, types)) => {
                let values = self.values(&types);
                let op = if self.numbers.chance(50) { Op::Break(l) } else { Op::Continue(l) };
                self.b.terminate(op, &values);
            }
        }
        true
    }

    /// Fills a region; it ends in `end` with values of the types, unless it leaves before.
    fn fill(&mut self, region: RegionId, depth: usize, types: &[Type], around: Option<Around>) {
        let outside = self.b.enter(region);
        let mark = self.scope.len();
        let params = self.b.function.regions[region].params.to_vec();
        // A handler's first parameter is the site's number, which is no program's business.
        let handler = self.b.function.types(&params) == crate::ir::typing::HANDLER_PARAMS;
        self.scope.extend(&params[handler as usize..]);
        if handler {
            let is = self.b.value(Op::SiteMatches(Exception::ArithmeticError), &params[..1]);
            self.scope.push(is);
        }
        let open = self.around.len();
        self.around.extend(around);
        if self.statements(depth) {
            let values = self.values(types);
            self.b.yield_(&values);
        }
        self.around.truncate(open);
        self.scope.truncate(mark);
        self.b.enter(outside);
    }

    fn construct(&mut self, depth: usize) {
        let types = self.types();
        let label = self.b.function.new_label();
        let inst = match self.numbers.below(6) {
            0 | 1 => {
                let c = self.value(Type::BOOL);
                let (inst, then, otherwise) = self.b.if_(c, &types);
                self.fill(then, depth, &types, None);
                self.fill(otherwise, depth, &types, None);
                inst
            }
            2 => {
                let (inst, body) = self.b.block(label, &types);
                self.fill(body, depth, &types, Some(Around::Block(label, types.clone())));
                inst
            }
            3 => {
                let (inst, body, handler) = self.b.try_(label, &types);
                self.fill(body, depth, &types, Some(Around::Try(label)));
                self.fill(handler, depth, &types, None);
                inst
            }
            4 => {
                let (lo, step) =
                    (CONSTANTS[self.numbers.below(CONSTANTS.len())], [1, 1, 2, -1, -3][self.numbers.below(5)]);
                let hi = lo.saturating_add([3, 5, -4][self.numbers.below(3)]);
                let [lo, hi, step] = [lo, hi, step].map(|v| self.b.i64(v));
                let init = self.values(&types);
                let inst = self.b.loop_(Op::For(label), &[&[lo, hi, step], &init[..]].concat());
                let body = self.b.function.insts[inst].regions[0];
                self.fill(body, depth, &types, Some(Around::Loop(label, types.clone())));
                inst
            }
            _ => self.while_(depth, label, &types),
        };
        self.scope.extend(self.b.results(inst).to_vec());
    }

    /// A `while` that counts down besides.
    fn while_(&mut self, depth: usize, label: LabelId, types: &[Type]) -> crate::ir::InstId {
        let types = [&[Type::I64], types].concat();
        let mut init = self.values(&types);
        init[0] = self.b.i64(self.numbers.below(5) as i64);
        let inst = self.b.loop_(Op::While(label), &init);
        let (test, body) = (self.b.function.insts[inst].regions[0], self.b.function.insts[inst].regions[1]);
        let outside = self.b.enter(test);
        let mark = self.scope.len();
        let params = self.b.function.regions[test].params.to_vec();
        let (zero, one) = (self.b.i64(0), self.b.i64(1));
        let more = self.b.compare(CompareOp::Gt, params[0], zero);
        let left = self.b.binary(BinaryOp::Sub, params[0], one);
        self.scope.extend(params.iter().copied());
        self.arithmetic();
        let c = self.value(Type::BOOL);
        let both = self.b.binary(BinaryOp::And, more, c);
        let mut passed = self.values(&types);
        passed[0] = left;
        self.b.terminate(Op::Condition, &[&[both], &passed[..]].concat());
        self.scope.truncate(mark);
        self.b.enter(body);
        self.scope.extend(self.b.function.regions[body].params.to_vec());
        let count = self.b.function.regions[body].params[0];
        if self.statements(depth) {
            let mut next = self.values(&types);
            next[0] = count;
            self.b.yield_(&next);
        }
        self.scope.truncate(mark);
        self.b.enter(outside);
        inst
    }
}

fn body(
    b: &mut Builder<'_>,
    params: &[ValueId],
    memory: Option<ValueId>,
    callees: Vec<FuncId>,
    seed: u64,
    budget: usize,
) {
    let memory = memory.unwrap_or_else(|| b.value(Op::StackSlot(64), &[]));
    let zero = b.i64(0);
    for k in 0..8 {
        let access = Access::field(Scalar::I64, AliasClass::ANY, 8 * k);
        b.store(access, memory, zero, params[0]);
    }
    let numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut maker = Maker { b, numbers, scope: params.to_vec(), around: vec![], memory, callees, budget };
    maker.statements(0);
    let results = maker.b.function.results.clone();
    let mut values = maker.values(&results);
    if results.len() > 2 {
        // What memory holds counts as well.
        let zero = maker.b.i64(0);
        values[0] = maker.b.load(Access::field(Scalar::I64, AliasClass::ANY, 24), memory, zero);
    }
    maker.b.return_(&values);
}

fn program(seed: u64) -> Module {
    let mut module = Module::new(Level::Loop);
    site(&mut module, Exception::OverflowError, "overflow");
    site(&mut module, Exception::ValueError, "value {0}");
    site(&mut module, Exception::ZeroDivisionError, "zero {0f}");
    let two = [Type::I64, Type::I64];
    let callee = function(&mut module, "callee", &two, &[Type::I64, Type::F64], |b, p| {
        body(b, p, None, vec![], seed ^ 0x5555, 12);
    });
    let results = [Type::I64, Type::I32, Type::F64, Type::BOOL];
    let kernel = function(&mut module, "f", &two, &results, |b, p| body(b, p, None, vec![callee], seed, 60));
    let spec = ExportSpec { kernel, name: "f".into(), c_entry: false };
    entries::add(&mut module, &[spec]).expect("entries");
    // The maker forgets what follows constructs that never end.
    for (_, f) in module.functions.iter_mut() {
        crate::passes::edit::close(f);
    }
    crate::ir::verify::verify(&module).unwrap_or_else(|faults| panic!("{}", faults.render(&module)));
    module
}

#[test]
fn random_programs_keep_their_meaning() {
    let programs: u64 = option_env!("GELCAP_RANDOM_PROGRAMS").and_then(|n| n.parse().ok()).unwrap_or(150);
    let values = [0, 1, -1, 7, i64::MAX, i64::MIN];
    let inputs: Vec<Vec<u64>> =
        values.iter().flat_map(|&a| values.iter().map(move |&b| vec![a as u64, b as u64])).collect();
    for seed in 1..=programs {
        agree(&program(seed), &inputs, 4);
    }
}
