//! Lowering: typed trees to IR, at Array level where arrays occur, else at Loop level. Structured statements become structured ops; variables become SSA values,
//! what a loop changes its carried values.
//!
//! A value of the front-end is a [`Val`]: its type and the IR values it is made of (none for what only the compiler sees,
//! two for a pointer with an extent). Python's meaning is made explicit here and nowhere else: every op that may raise
//! gets its site with the exception and message of CPython, and the place in the source.
//!
//! Nothing here fails on what inference accepts, but for the few faults that need a value (an integer constant that no
//! type can hold); those go to the diagnostics too.

mod arithmetic;
mod array;
mod call;
mod compare;
mod convert;
mod creation;
mod element;
mod elementwise;
mod expr;
mod flow;
mod kernel;
mod known;
mod mathfn;
mod numpy;
mod numpyfn;
mod over;
mod power;
mod reduction;
mod rounding;
mod stmt;
mod storage;

use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

pub use kernel::kernel;

use super::infer::Inference;
use super::tast::{InstanceId, Literal, TableId, Ty, VarId};
use crate::abi::status::{Exception, literal_template};
use crate::diag::{Code, Diagnostic, Span};
use crate::ir::op::Const;
use crate::ir::{
    Builder, DataId, DataTable, Entry, FuncId, Function, Linkage, Loc, LocId, Module, Op, Site, SiteId, Type, ValueId,
};
use crate::options::KernelOptions;
use crate::types::{Kind, Scalar};

/// Where elementary functions come from. The pipeline plugs in the checked-in IR.
pub trait MathLibrary {
    /// The function `gelcap.math.<name>` in the module, linked in if it is not there yet.
    fn function(&mut self, module: &mut Module, name: &str) -> Option<FuncId>;
}

/// What an integer that leaves 64 bits says.
const INT_OVERFLOW: &str = "int too large: integers are 64-bit in kernels";

/// A value: its type and what it is made of.
#[derive(Clone, Debug)]
pub(super) struct Val {
    ty: Ty,
    parts: SmallVec<[ValueId; 2]>,
}

/// What lowering of all functions shares.
pub struct Lowering<'a, 'p> {
    pub inference: &'a Inference<'p>,
    pub options: &'a KernelOptions,
    pub math: &'a mut dyn MathLibrary,
    pub faults: Vec<Diagnostic>,
    /// Width of an address in memory.
    pub address: Scalar,
    functions: BTreeMap<InstanceId, FuncId>,
    pending: Vec<InstanceId>,
    tables: BTreeMap<TableId, DataId>,
    /// Names taken, with how often.
    names: BTreeMap<String, u32>,
}

/// What control must do at a `return`.
#[derive(Clone, Debug)]
pub(super) enum Leave {
    /// Give values of the type.
    Values(Ty),
    /// Give storage, after conversions and their checks.
    Storage(kernel::Storage),
}

/// A function while it is lowered.
struct Lower<'a, 'c, 'p> {
    b: Builder<'a>,
    cx: &'a mut Lowering<'c, 'p>,
    /// The variables that hold storage wherever they hold an array.
    stored: BTreeSet<VarId>,
    /// The variables at the present place.
    env: Vec<Option<Val>>,
    loops: Vec<flow::Enclosing>,
    leave: Leave,
    function_name: &'a str,
    options: KernelOptions,
    last_loc: Option<(Span, LocId)>,
}

impl<'a, 'p> Lowering<'a, 'p> {
    pub fn new(
        inference: &'a Inference<'p>,
        options: &'a KernelOptions,
        address: Scalar,
        math: &'a mut dyn MathLibrary,
    ) -> Self {
        Lowering {
            inference,
            options,
            math,
            faults: Vec::new(),
            address,
            functions: BTreeMap::new(),
            pending: Vec::new(),
            tables: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }

    /// The function of an instance; its body is lowered by [`Lowering::finish`].
    fn function(&mut self, module: &mut Module, id: InstanceId) -> FuncId {
        if let Some(&f) = self.functions.get(&id) {
            return f;
        }
        let inference = self.inference;
        let instance = &inference.instances[id];
        let params: Vec<Type> = instance.params.iter().flat_map(|(_, ty)| part_types(ty)).collect();
        let name = self.unique_name(&instance.name);
        let f = Function::new(name, &params, &part_types(&instance.result), Linkage::Internal, Entry::Kernel);
        let f = module.functions.push(f);
        self.functions.insert(id, f);
        self.pending.push(id);
        f
    }

    /// Lowers every function that was called, and what they call.
    pub fn finish(&mut self, module: &mut Module) {
        let inference = self.inference;
        while let Some(id) = self.pending.pop() {
            let func = self.functions[&id];
            let shell = &module.functions[func];
            let params = shell.types(shell.params());
            let mut f = Function::new(shell.name.clone(), &params, &shell.results, shell.linkage, shell.entry);
            let instance = &inference.instances[id];
            let mut lower = Lower::new(module, &mut f, self, id, Leave::Values(instance.result.clone()));
            let values: Vec<ValueId> = lower.b.function.params().to_vec();
            let mut rest = values.as_slice();
            for (var, ty) in &instance.params {
                let (parts, others) = rest.split_at(part_types(ty).len());
                rest = others;
                lower.env[var.index()] = Some(Val { ty: ty.clone(), parts: parts.into() });
            }
            lower.body(id);
            module.functions[func] = f;
        }
    }

    /// A name that no other function of the module has.
    fn unique_name(&mut self, name: &str) -> String {
        let count = self.names.entry(name.to_owned()).or_insert(0);
        *count += 1;
        if *count == 1 { name.to_owned() } else { format!("{name}${}", *count - 1) }
    }

    /// Takes a name for an exported function.
    pub fn reserve_name(&mut self, name: &str) {
        self.names.entry(name.to_owned()).or_insert(0);
        *self.names.entry(name.to_owned()).or_insert(0) += 1;
    }

    /// A constant tuple as data.
    fn table(&mut self, module: &mut Module, id: TableId) -> DataId {
        if let Some(&data) = self.tables.get(&id) {
            return data;
        }
        let inference = self.inference;
        let table = &inference.tables[id];
        let element = table.storage().unwrap_or(Scalar::I64);
        let bits = table
            .items
            .iter()
            .map(|l| match l {
                Literal::Bool(b) => u64::from(*b),
                Literal::Int(i) => *i as u64,
                Literal::Float(x) => x.to_bits(),
                Literal::Np(c) => c.bits,
                Literal::None | Literal::Str(_) => 0,
            })
            .collect();
        // Tables and functions share one space of names, so that no symbol is taken twice.
        let name = self.unique_name(&table.name);
        let data = module.data.push(DataTable { name, element, bits });
        self.tables.insert(id, data);
        data
    }
}

impl<'a, 'c, 'p> Lower<'a, 'c, 'p> {
    fn new(
        module: &'a mut Module,
        function: &'a mut Function,
        cx: &'a mut Lowering<'c, 'p>,
        id: InstanceId,
        leave: Leave,
    ) -> Self {
        let instance = &cx.inference.instances[id];
        Lower {
            b: Builder::new(module, function),
            stored: storage::variables(&instance.body),
            env: vec![None; instance.variables.len()],
            loops: Vec::new(),
            leave,
            function_name: &instance.name,
            options: cx.inference.program.functions[instance.function].options.clone().unwrap_or(cx.options.clone()),
            last_loc: None,
            cx,
        }
    }

    /// The statements of an instance, with the check of the stack before and the return at the end.
    fn body(&mut self, id: InstanceId) {
        let inference = self.cx.inference;
        let instance = &inference.instances[id];
        self.at(instance.header);
        if instance.recursive {
            let site = self.site(Exception::RecursionError, "maximum recursion depth exceeded", instance.header);
            self.b.effect(Op::StackCheck(site), &[]);
        }
        if self.block(&instance.body) {
            self.leave_with(Val::none(), instance.header);
        }
    }

    /// Instructions from here on belong to this place.
    fn at(&mut self, span: Span) {
        let loc = self.loc(span);
        self.b.set_loc(Some(loc));
    }

    fn loc(&mut self, span: Span) -> LocId {
        self.cx.inference.program.at.set(Some(span));
        match self.last_loc {
            Some((last, loc)) if last == span => loc,
            _ => {
                let function = self.function_name.to_owned();
                let loc = self.b.module.locs.push(Loc { span, function, inlined_at: None });
                self.last_loc = Some((span, loc));
                loc
            }
        }
    }

    /// A place that raises; the message may hold `{0}` and alike for payload words.
    fn site(&mut self, exception: Exception, message: &str, span: Span) -> SiteId {
        let loc = Some(self.loc(span));
        self.b.module.sites.push(Site { exception, message: message.to_owned(), loc })
    }

    /// The same for a text that is shown as it stands.
    fn text_site(&mut self, exception: Exception, message: &str, span: Span) -> SiteId {
        self.site(exception, &literal_template(message), span)
    }

    /// Raises unless `ok`; nothing if `ok` is known to hold.
    fn check(&mut self, ok: ValueId, exception: Exception, message: &str, span: Span, payload: &[ValueId]) {
        if self.b.function.constant(ok).is_some_and(|c| c.bits != 0) {
            return;
        }
        let site = self.site(exception, message, span);
        self.b.check(ok, site, payload);
    }

    fn fault(&mut self, code: Code, span: Span, message: &str, help: &str) {
        self.cx.faults.push(Diagnostic::error(code, span, message).help(help));
    }

    /// The constant integer that a value is.
    fn known_int(&self, v: ValueId) -> Option<i64> {
        let c = self.b.function.constant(v)?;
        (!c.ty.is_float()).then_some(c.as_int() as i64)
    }

    /// Some value of the type, for places that are never read.
    fn dummy(&mut self, ty: &Ty) -> Val {
        let parts = part_types(ty)
            .into_iter()
            .map(|t| match t {
                Type::Scalar(s) => self.b.constant(Const { ty: s, bits: 0 }),
                Type::Array(array) => self.no_array(array),
                _ => self.b.value(Op::Null, &[]),
            })
            .collect();
        Val { ty: ty.clone(), parts }
    }

    fn variable(&mut self, var: VarId) -> Val {
        match &self.env[var.index()] {
            Some(v) => v.clone(),
            None => Val::none(),
        }
    }
}

impl Val {
    fn none() -> Val {
        Val { ty: Ty::None, parts: SmallVec::new() }
    }

    /// A scalar.
    fn one(ty: Ty, v: ValueId) -> Val {
        Val { ty, parts: SmallVec::from_slice(&[v]) }
    }

    fn np(s: Scalar, v: ValueId) -> Val {
        Val::one(Ty::Np(s), v)
    }

    /// The only part.
    ///
    /// # Panics
    /// If there is none: inference has let through what it should not.
    #[track_caller]
    fn value(&self) -> ValueId {
        self.parts.first().copied().unwrap_or_else(|| panic!("{} has no value at run time", self.ty))
    }
}

/// The scalar of the payload of a value that may be Python's or NumPy's: one that holds both.
fn payload_scalar(p: super::tast::Py, s: Scalar) -> Scalar {
    match s.kind() {
        Kind::Float => Scalar::F64,
        Kind::Signed | Kind::Unsigned => Scalar::I64,
        Kind::Bool => p.scalar(),
    }
}

/// The IR types of the parts of a value.
pub(super) fn part_types(ty: &Ty) -> Vec<Type> {
    match ty {
        Ty::Py(p) => vec![p.scalar().into()],
        Ty::Np(s) => vec![(*s).into()],
        Ty::Either(p, s) => vec![Type::BOOL, payload_scalar(*p, *s).into()],
        Ty::Ptr { bounded: false, .. } => vec![Type::Ptr],
        Ty::Ptr { bounded: true, .. } => vec![Type::Ptr, Type::I64],
        Ty::Array(array) => vec![Type::Array((*array).into())],
        Ty::Tuple(items) => items.iter().flat_map(part_types).collect(),
        Ty::Unknown | Ty::Error | Ty::None | Ty::Table(_) | Ty::Str | Ty::Known(_) => Vec::new(),
    }
}
