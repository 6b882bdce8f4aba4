//! Inference: syntax trees to typed trees ([`super::tast`]), one [`Instance`] per function and argument types.
//!
//! Types belong to definitions: a walk over the statements carries what each variable is at the place ([`state`]), joins
//! it where paths meet, and repeats a loop until what its head sees is stable. A call infers its callee for the types
//! of the arguments, once; recursion is solved by rounds, starting from a result of which nothing is known.
//!
//! Every fault is reported and inference goes on; [`Ty::Error`] is what an expression with a fault has, and nothing
//! built of it is judged. Work is bounded by the limits below, each with a diagnostic.

mod array;
mod call;
mod dtypes;
pub mod elementwise;
mod expr;
mod index;
mod loops;
mod method;
mod operator;
mod over;
mod pure_cython;
mod state;
mod stmt;
mod unsupported;

pub use array::axis_specs;
pub use call::{dtype_of, named_dtype};
pub use operator::{Refusal, binary_type, comparison_type, promote, promote_weak};

use std::collections::BTreeMap;
use std::rc::Rc;

use self::state::{Def, Partial, State, arrive};
use super::environment::{EnvironmentId, FunctionId, Global, Program};
use super::scope::{MAX_LOCALS, Scope};
use super::syntax;
use super::tast;
use super::tast::{Instance, InstanceId, Literal, Stmt, StmtKind, Table, TableId, Ty, VarId};
use crate::base::arena::Arena;
use crate::diag::{Code, Diagnostic, Span};

/// Functions for given types in one compilation.
const MAX_INSTANCES: usize = 2000;
/// Rounds until the result types of functions that call each other must be stable.
const MAX_ROUNDS: usize = 16;
/// Rounds until what a loop carries must be stable: types may pass from variable to variable, one a round.
const MAX_LOOP_ROUNDS: usize = 64;
/// Expressions, statements and calls nested in each other, over all functions on the way.
const MAX_DEPTH: usize = 600;
/// What entering a function counts for: as much stack as some expressions take.
const CALL_DEPTH: usize = 6;
/// Items of a tuple that is a value.
pub const MAX_TUPLE: usize = 64;
/// Values in a tuple, those in the tuples in it included.
const MAX_LEAVES: usize = 256;

/// All that inference found.
pub struct Inference<'p> {
    pub program: &'p Program,
    pub instances: Arena<Instance>,
    pub tables: Arena<Table>,
    pub diagnostics: Vec<Diagnostic>,
    by_key: BTreeMap<Key, InstanceId>,
    scopes: BTreeMap<FunctionId, Option<Rc<Scope>>>,
    /// Tables by the address of the constant, so that each becomes one.
    by_address: BTreeMap<usize, Option<TableId>>,
    active: Vec<Active>,
    /// Results of functions that call themselves, as the last round found them.
    assumed: BTreeMap<Key, Ty>,
    /// Instances finished in this round that belong to a circle of calls not yet solved.
    open: Vec<Key>,
    /// A result differs from what the round took it to be.
    changed: bool,
    depth: usize,
}

/// An instance that is being inferred.
struct Active {
    id: InstanceId,
    /// What recursive calls take its result to be.
    assumed: Ty,
    /// The outermost active instance that it, or what it calls, calls again: its place among the active.
    lowest: Option<usize>,
}

/// A function and the types of its arguments.
type Key = (FunctionId, Vec<Ty>);

impl<'p> Inference<'p> {
    pub fn new(program: &'p Program) -> Self {
        Inference {
            program,
            instances: Arena::default(),
            tables: Arena::default(),
            diagnostics: Vec::new(),
            by_key: BTreeMap::new(),
            scopes: BTreeMap::new(),
            by_address: BTreeMap::new(),
            active: Vec::new(),
            assumed: BTreeMap::new(),
            open: Vec::new(),
            changed: false,
            depth: 0,
        }
    }

    /// The instance of a function for argument types, in the order of its parameters. `span` is who asks.
    pub fn instance(&mut self, function: FunctionId, params: Vec<Ty>, span: Span) -> Option<InstanceId> {
        let key = (function, params);
        if let Some(&id) = self.by_key.get(&key) {
            let reaches = match self.active.iter().position(|a| a.id == id) {
                Some(depth) => Some(depth),
                // One of a circle that is being solved: it leads where the circle's calls lead.
                None if self.open.contains(&key) => self.active.iter().rposition(|a| a.lowest.is_some()),
                None => None,
            };
            if let Some(depth) = reaches {
                // Whatever is between the two calls itself too.
                for between in &mut self.active[depth..] {
                    between.lowest = Some(between.lowest.map_or(depth, |l| l.min(depth)));
                    self.instances[between.id].recursive = true;
                }
            }
            return Some(id);
        }
        if self.instances.len() >= MAX_INSTANCES {
            let what = format!("more than {MAX_INSTANCES} versions of functions for different types are needed");
            self.diagnostics.push(Diagnostic::error(Code::LimitExceeded, span, what));
            return None;
        }
        let def = &self.program.functions[function].def;
        let id = self.instances.push(Instance {
            function,
            name: def.name.text.clone(),
            params: Vec::new(),
            result: Ty::Unknown,
            variables: Vec::new(),
            body: Vec::new(),
            falls_through: false,
            recursive: false,
            header: def.header,
        });
        self.by_key.insert(key.clone(), id);
        self.depth += CALL_DEPTH;
        self.solve(id, key);
        self.depth -= CALL_DEPTH;
        Some(id)
    }

    /// What a call of the instance gives, as far as it is known.
    pub fn result(&self, id: InstanceId) -> Ty {
        match self.active.iter().find(|a| a.id == id) {
            Some(active) => active.assumed.clone(),
            None => self.instances[id].result.clone(),
        }
    }

    /// The type of a parameter's default, for kernels whose signature leaves the parameter out.
    pub fn default_type(&mut self, function: FunctionId, position: usize) -> Option<Ty> {
        let program = self.program;
        let item = &program.functions[function];
        let param = item.def.params.list.get(position)?;
        let global = program.default_value(function, param)?;
        let ty = self.global_type(&global);
        if ty.is_none() {
            let message = format!("the default of `{}` is not a value that kernels can use", param.name.text);
            let help = "use a number or a tuple of numbers";
            self.diagnostics.push(Diagnostic::error(Code::UnsupportedType, param.span, message).help(help));
        }
        ty
    }

    fn global_type(&mut self, global: &Global) -> Option<Ty> {
        match global {
            Global::Literal(l) if !matches!(l, Literal::Str(_)) => Some(l.ty()),
            Global::Known(known) => Some(Ty::Known(*known)),
            Global::Tuple(items) if items.len() <= MAX_TUPLE => {
                Some(Ty::Tuple(items.iter().map(|item| self.global_type(item)).collect::<Option<_>>()?))
            }
            _ => None,
        }
    }

    /// Where an instance first returns a value.
    pub fn first_return(&self, id: InstanceId) -> Option<Span> {
        self.find_return(id, |e| e.map(|e| e.span))
    }

    /// Every way through the function raises.
    pub fn always_raises(&self, id: InstanceId) -> bool {
        !self.instances[id].falls_through && self.find_return(id, |_| Some(())).is_none()
    }

    fn find_return<T>(&self, id: InstanceId, wanted: fn(Option<&tast::Expr>) -> Option<T>) -> Option<T> {
        fn search<T>(body: &[Stmt], wanted: fn(Option<&tast::Expr>) -> Option<T>) -> Option<T> {
            body.iter().find_map(|stmt| match &stmt.kind {
                StmtKind::Return(e) => wanted(e.as_ref()),
                StmtKind::If { body, orelse, .. }
                | StmtKind::While { body, orelse, .. }
                | StmtKind::For { body, orelse, .. } => search(body, wanted).or_else(|| search(orelse, wanted)),
                StmtKind::Block(body) | StmtKind::Options { body, .. } => search(body, wanted),
                _ => None,
            })
        }
        search(&self.instances[id].body, wanted)
    }

    /// Takes back what a round said that is not the last. If functions were called in it and faults found, those functions
    /// are inferred again when the next round calls them, so that faults which stay are said.
    fn forget_faults(&mut self, first_fault: usize, first_inner: usize) {
        if self.diagnostics.len() > first_fault {
            self.diagnostics.truncate(first_fault);
            self.by_key.retain(|_, inner| inner.index() < first_inner);
        }
    }

    /// Infers an instance. Functions that call each other are solved together, by the first of them that was called: it
    /// repeats the round until no result differs from what the round took it to be.
    fn solve(&mut self, id: InstanceId, key: Key) {
        let outer_changed = std::mem::replace(&mut self.changed, false);
        let first_fault = self.diagnostics.len();
        let first_inner = self.instances.len();
        let first_open = self.open.len();
        let depth = self.active.len();
        for _ in 0..MAX_ROUNDS {
            let assumed = self.assumed.get(&key).cloned().unwrap_or(Ty::Unknown);
            self.active.push(Active { id, assumed: assumed.clone(), lowest: None });
            self.body(id, &key.1);
            let Some(lowest) = self.active.pop().map(|a| a.lowest) else { return };
            let result = self.instances[id].result.clone();
            if lowest.is_some() {
                self.changed |= result != assumed;
                self.assumed.insert(key.clone(), result.clone());
            }
            if lowest.is_some_and(|l| l < depth) {
                // A function around this one repeats the round.
                self.open.push(key);
                self.changed |= outer_changed;
                return;
            }
            if lowest.is_none()
                || result == Ty::Error
                || (!self.changed && !self.settle(&key, result == Ty::Unknown, first_open))
            {
                self.changed = outer_changed;
                self.open.truncate(first_open);
                return;
            }
            // What was inferred on the old results is inferred again.
            self.changed = false;
            self.open.truncate(first_open);
            self.by_key.retain(|_, inner| inner.index() < first_inner);
            self.diagnostics.truncate(first_fault);
        }
        self.changed = outer_changed;
        let instance = &self.instances[id];
        let message = format!("the result of `{}` changes its type with every recursive call", instance.name);
        let fault = Diagnostic::error(Code::RecursionType, instance.header, message)
            .help("convert the result to one type, as with `float(...)`");
        self.diagnostics.push(fault);
        self.instances[id].result = Ty::Error;
    }

    /// Functions that never return: any type is as good as another for their results. Gives whether there were such.
    fn settle(&mut self, head: &Key, head_unknown: bool, first_open: usize) -> bool {
        let mut found = head_unknown;
        if head_unknown {
            self.assumed.insert(head.clone(), Ty::INT);
        }
        for key in &self.open[first_open..] {
            if let Some(ty) = self.assumed.get_mut(key).filter(|ty| **ty == Ty::Unknown) {
                *ty = Ty::INT;
                found = true;
            }
        }
        found
    }

    /// One round over the body.
    fn body(&mut self, id: InstanceId, params: &[Ty]) {
        let function = self.instances[id].function;
        let item = &self.program.functions[function];
        let def = item.def.clone();
        let Some(scope) = self.scope(function) else {
            self.instances[id].result = Ty::Error;
            return;
        };
        let mut body = Body {
            environment: item.environment,
            state: State::new(scope.variables.len()),
            scope,
            reachable: true,
            loops: Vec::new(),
            returns: None,
            bare_end: None,
            heads: BTreeMap::new(),
            cx: self,
        };
        let mut variables = Vec::with_capacity(params.len());
        for (param, ty) in def.params.list.iter().zip(params) {
            if let Some(var) = body.scope.variable(&param.name.text) {
                body.state.set(var, Def { ty: ty.clone(), span: param.name.span, literal: None });
                variables.push((var, ty.clone()));
            }
        }
        body.check_kind(&def);
        let stmts = body.block(&def.body);
        let falls_through = body.reachable;
        if falls_through {
            body.bare_end = body.bare_end.or(Some(def.header));
        }
        // Where every way raises, any type is as good as another: one that fits where a number is wanted.
        let always_raises = body.returns.is_none() && body.bare_end.is_none();
        let result = if always_raises { Ty::INT } else { body.result(&def) };
        let names = body.scope.variables.clone();
        let instance = &mut self.instances[id];
        instance.params = variables;
        instance.variables = names;
        instance.body = stmts;
        instance.falls_through = falls_through;
        instance.result = result;
    }

    fn scope(&mut self, function: FunctionId) -> Option<Rc<Scope>> {
        if let Some(known) = self.scopes.get(&function) {
            return known.clone();
        }
        let def = &self.program.functions[function].def;
        let scope = Scope::of(def).map(Rc::new);
        if scope.is_none() {
            let message = format!("`{}` has more than {MAX_LOCALS} local variables", def.name.text);
            self.diagnostics.push(Diagnostic::error(Code::LimitExceeded, def.header, message));
        }
        self.scopes.insert(function, scope.clone());
        scope
    }

    /// The table that a constant tuple is, if all its items are scalars of one type.
    fn table(&mut self, name: &str, items: &std::sync::Arc<[Global]>) -> Option<TableId> {
        let address = items.as_ptr() as usize;
        if let Some(known) = self.by_address.get(&address) {
            return *known;
        }
        let literals: Option<Vec<Literal>> = items
            .iter()
            .map(|item| match item {
                Global::Literal(l) if l.ty().is_number() => Some(l.clone()),
                _ => None,
            })
            .collect();
        let table = literals.and_then(|items| {
            let element = items.first()?.ty();
            let uniform = items.iter().all(|l| l.ty() == element);
            uniform.then(|| self.tables.push(Table { name: name.to_owned(), element, items: items.into() }))
        });
        self.by_address.insert(address, table);
        table
    }
}

/// A loop around the place.
struct Enclosing {
    /// The variables that the loop assigns.
    assigned: Vec<VarId>,
    /// What the `break`s and `continue`s so far brought.
    breaks: Option<Partial>,
    continues: Option<Partial>,
}

/// The body of a function while it is inferred.
struct Body<'a, 'p> {
    cx: &'a mut Inference<'p>,
    scope: Rc<Scope>,
    environment: EnvironmentId,
    state: State,
    /// Control may come to the present place.
    reachable: bool,
    loops: Vec<Enclosing>,
    /// The type of the values returned so far, and where the first was.
    returns: Option<(Ty, Span)>,
    /// Where the function returns without a value.
    bare_end: Option<Span>,
    /// What the heads of loops saw in an earlier round of a loop around them, by the start of the statement.
    heads: BTreeMap<u32, Partial>,
}

impl Body<'_, '_> {
    fn fault(&mut self, diagnostic: Diagnostic) {
        self.cx.diagnostics.push(diagnostic);
    }

    /// Enters one more level of nesting; gives `None`, and says so, where there are too many.
    fn enter(&mut self, span: Span) -> Option<()> {
        if self.cx.depth >= MAX_DEPTH {
            let message = "expressions, statements and calls are nested too deeply";
            let help = "split the function, or make the chain of calls shorter";
            self.fault(Diagnostic::error(Code::LimitExceeded, span, message).help(help));
            return None;
        }
        self.cx.depth += 1;
        Some(())
    }

    fn leave(&mut self) {
        self.cx.depth -= 1;
    }

    /// Notes a `return value`.
    fn returned(&mut self, ty: &Ty, span: Span) {
        self.returns = Some(match self.returns.take() {
            Some((before, first)) if before == Ty::Error => (before, first),
            None => (ty.clone(), span),
            Some((before, first)) => match before.join(ty) {
                Some(joined) => (joined, first),
                None => {
                    let message = format!("`return` gives {ty} here and {before} elsewhere");
                    let fault = Diagnostic::error(Code::TypeConflict, span, message)
                        .label(format!("this is {ty}"))
                        .also(first, format!("this is {before}"))
                        .help("return values of one type on every path, or convert one of them");
                    self.fault(fault);
                    (Ty::Error, first)
                }
            },
        });
    }

    /// The result type of the function, once its body has been walked.
    fn result(&mut self, def: &syntax::Function) -> Ty {
        match (self.returns.take(), self.bare_end) {
            // It always raises.
            (None, None) => Ty::None,
            (None, Some(_)) => Ty::None,
            (Some((ty, _)), None) => ty,
            (Some((Ty::None, _)), Some(_)) => Ty::None,
            (Some((ty, _)), Some(_)) if ty.is_vague() => ty,
            (Some((ty, value)), Some(bare)) => {
                let message = format!("`{}` returns a value on some paths and None on others", def.name.text);
                let fault = Diagnostic::error(Code::MissingReturn, bare, message)
                    .label(if bare == def.header {
                        "the end of the function can be reached"
                    } else {
                        "this returns None"
                    })
                    .also(value, format!("this returns {ty}"))
                    .help("end every path with a `return` of a value, or with `raise`");
                self.fault(fault);
                Ty::Error
            }
        }
    }

    /// `async def`, `yield`, type parameters, `*args`: what makes a function no kernel.
    fn check_kind(&mut self, def: &syntax::Function) {
        use syntax::ParamKind;
        if def.is_async {
            let message = "coroutines cannot be compiled";
            self.fault(Diagnostic::error(Code::UnsupportedSyntax, def.header, message).help("write `def`"));
        }
        for param in &def.params.list {
            let stars = match param.kind {
                ParamKind::VarArgs => "*",
                ParamKind::VarKeywords => "**",
                ParamKind::PositionalOnly | ParamKind::Normal | ParamKind::KeywordOnly => continue,
            };
            let message = format!("a kernel cannot take any number of arguments (`{stars}{}`)", param.name.text);
            let help = "name the parameters, or take a tuple";
            self.fault(Diagnostic::error(Code::UnsupportedSyntax, param.span, message).help(help));
        }
    }

    fn join_break(&mut self) {
        if let Some(l) = self.loops.last_mut() {
            arrive(&mut l.breaks, &self.state, &l.assigned);
        }
        self.reachable = false;
    }

    fn join_continue(&mut self) {
        if let Some(l) = self.loops.last_mut() {
            arrive(&mut l.continues, &self.state, &l.assigned);
        }
        self.reachable = false;
    }
}
