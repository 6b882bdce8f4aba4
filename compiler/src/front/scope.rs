//! The local variables of a function, and which of them are needed after each place where paths join.
//!
//! A name that a function assigns anywhere is local everywhere in it, as in Python. A join merges only the variables that
//! are assigned on a path and read later: a dead temporary that is an `int` on one path and an array on another is no
//! conflict, and costs nothing.
//!
//! Liveness of structured code is found in two sweeps, from the end to the start, each of which visits every statement
//! once: the first finds for every loop what a round reads before it writes (`exposed`), which says what is live at the
//! loop's head whatever follows; the second knows the sets at every join.

use std::collections::BTreeMap;

use super::syntax::{Comprehension, Expr, ExprKind, Function, Stmt, StmtKind};
use super::tast::{VarId, Variable};
use crate::base::arena::Id;
use crate::diag::Span;

/// A function with more locals is refused: the sets below are quadratic.
pub const MAX_LOCALS: usize = 2000;

/// A set of variables.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VarSet {
    words: Vec<u64>,
}

impl VarSet {
    pub fn contains(&self, v: VarId) -> bool {
        self.words.get(v.index() / 64).is_some_and(|w| w >> (v.index() % 64) & 1 == 1)
    }

    fn insert(&mut self, v: VarId) {
        let word = v.index() / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (v.index() % 64);
    }

    fn remove(&mut self, v: VarId) {
        if let Some(w) = self.words.get_mut(v.index() / 64) {
            *w &= !(1 << (v.index() % 64));
        }
    }

    fn union(&mut self, other: &VarSet) {
        if other.words.len() > self.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
    }
}

/// What a compound statement (`if`, `for`, `while`) assigns, and what is needed around it.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// In order, each once.
    pub assigned: Vec<VarId>,
    /// Read after the statement.
    pub live_after: VarSet,
    /// Read at the head of the loop: in a round before it is written, or after the loop.
    pub live_head: VarSet,
}

/// The local variables of a function.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub variables: Vec<Variable>,
    names: BTreeMap<String, VarId>,
    /// By the start of the statement, which no two compound statements share.
    flows: BTreeMap<u32, Flow>,
}

impl Scope {
    /// The scope of a function; `None` if it has too many locals.
    pub fn of(function: &Function) -> Option<Scope> {
        let mut scope = Scope::default();
        for param in &function.params.list {
            scope.declare(&param.name.text);
        }
        scope.declare_all(&function.body);
        if scope.variables.len() > MAX_LOCALS {
            return None;
        }
        let mut sweep = Sweep { scope: &mut scope, exposed: BTreeMap::new(), last: false, assigned: Vec::new() };
        for last in [false, true] {
            sweep.last = last;
            sweep.block(&function.body, VarSet::default(), &Targets::default());
        }
        Some(scope)
    }

    pub fn variable(&self, name: &str) -> Option<VarId> {
        self.names.get(name).copied()
    }

    /// What is known of a compound statement.
    pub fn flow(&self, span: Span) -> Flow {
        self.flows.get(&span.start).cloned().unwrap_or_default()
    }

    /// The variables that a statement assigns, as far as names say.
    pub fn assigned_by(&self, stmt: &Stmt) -> Vec<VarId> {
        let mut inner = Scope::default();
        inner.declare_all(std::slice::from_ref(stmt));
        inner.names.keys().filter_map(|name| self.variable(name)).collect()
    }

    fn declare(&mut self, name: &str) -> VarId {
        if let Some(v) = self.names.get(name) {
            return *v;
        }
        let id = Id::new(self.variables.len() as u32);
        self.variables.push(Variable { name: name.to_owned() });
        self.names.insert(name.to_owned(), id);
        id
    }

    fn declare_target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.declare(name);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|t| self.declare_target(t)),
            ExprKind::Starred(inner) => self.declare_target(inner),
            _ => {}
        }
    }

    fn declare_all(&mut self, body: &[Stmt]) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.declare_target(t)),
                StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => self.declare_target(target),
                StmtKind::For { target, body, orelse, .. } => {
                    self.declare_target(target);
                    self.declare_all(body);
                    self.declare_all(orelse);
                }
                StmtKind::While { body, orelse, .. } | StmtKind::If { body, orelse, .. } => {
                    self.declare_all(body);
                    self.declare_all(orelse);
                }
                StmtKind::Function(f) => {
                    self.declare(&f.name.text);
                }
                // These are refused, but what they assign is local all the same.
                StmtKind::Class(c) => {
                    self.declare(&c.name.text);
                }
                StmtKind::With { items, body, .. } => {
                    items.iter().filter_map(|i| i.target.as_ref()).for_each(|t| self.declare_target(t));
                    self.declare_all(body);
                }
                StmtKind::Try(t) => {
                    t.handlers.iter().filter_map(|h| h.name.as_ref()).for_each(|n| {
                        self.declare(&n.text);
                    });
                    let handlers = t.handlers.iter().map(|h| &h.body);
                    [&t.body, &t.orelse, &t.finally].into_iter().chain(handlers).for_each(|b| self.declare_all(b));
                }
                StmtKind::Import(names) => {
                    for alias in names {
                        let first = alias.name.split('.').next().unwrap_or_default();
                        self.declare(alias.asname.as_deref().unwrap_or(first));
                    }
                }
                StmtKind::ImportFrom { names, .. } => {
                    for alias in names {
                        self.declare(alias.asname.as_ref().unwrap_or(&alias.name));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Where `break` and `continue` lead.
#[derive(Clone, Default)]
struct Targets {
    on_break: VarSet,
    on_continue: VarSet,
}

struct Sweep<'a> {
    scope: &'a mut Scope,
    /// Per loop: what is live at its head if nothing is read after it.
    exposed: BTreeMap<u32, VarSet>,
    /// The second sweep, which writes the flows.
    last: bool,
    /// The variables assigned so far in this sweep.
    assigned: Vec<VarId>,
}

impl Sweep<'_> {
    /// What is live before the statements, given what is live after.
    fn block(&mut self, body: &[Stmt], mut live: VarSet, targets: &Targets) -> VarSet {
        for stmt in body.iter().rev() {
            live = self.stmt(stmt, live, targets);
        }
        live
    }

    fn stmt(&mut self, stmt: &Stmt, mut live: VarSet, targets: &Targets) -> VarSet {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().for_each(|t| self.define(t, &mut live));
                targets.iter().for_each(|t| self.read_places(t, &mut live));
                self.read(value, &mut live);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.define(target, &mut live);
                self.read(target, &mut live);
                self.read(value, &mut live);
            }
            StmtKind::AnnAssign { target, value: Some(value), .. } => {
                self.define(target, &mut live);
                self.read_places(target, &mut live);
                self.read(value, &mut live);
            }
            StmtKind::Return(value) => {
                live = VarSet::default();
                value.iter().for_each(|v| self.read(v, &mut live));
            }
            StmtKind::Raise { .. } => live = VarSet::default(),
            StmtKind::Assert { test, .. } => self.read(test, &mut live),
            StmtKind::Expr(e) => self.read(e, &mut live),
            StmtKind::Break => live.clone_from(&targets.on_break),
            StmtKind::Continue => live.clone_from(&targets.on_continue),
            StmtKind::If { test, body, orelse } => {
                let mark = self.assigned.len();
                let mut before = self.block(body, live.clone(), targets);
                before.union(&self.block(orelse, live.clone(), targets));
                self.note(stmt, mark, live, VarSet::default());
                self.read(test, &mut before);
                live = before;
            }
            StmtKind::While { test, body, orelse } => {
                live = self.looping(stmt, None, test, body, (orelse, targets), live)
            }
            StmtKind::For { target, iter, body, orelse, .. } => {
                live = self.looping(stmt, Some(target), iter, body, (orelse, targets), live);
            }
            // Of those, only blocks with options of their own are compiled, and these run once.
            StmtKind::With { body, .. } => live = self.block(body, live, targets),
            StmtKind::Function(f) => self.assign(&f.name.text, &mut live),
            StmtKind::Import(names) => {
                for alias in names {
                    let first = alias.name.split('.').next().unwrap_or_default();
                    self.assign(alias.asname.as_deref().unwrap_or(first), &mut live);
                }
            }
            StmtKind::ImportFrom { names, .. } => {
                names.iter().for_each(|a| self.assign(a.asname.as_ref().unwrap_or(&a.name), &mut live));
            }
            _ => {}
        }
        live
    }

    /// `target` is the variable of a `for`, whose `head` is read once; a `while` reads its test every round.
    fn looping(
        &mut self,
        stmt: &Stmt,
        target: Option<&Expr>,
        head: &Expr,
        body: &[Stmt],
        (orelse, outer): (&[Stmt], &Targets),
        after: VarSet,
    ) -> VarSet {
        let mark = self.assigned.len();
        let mut live_head = self.block(orelse, after.clone(), outer);
        if breaks(body) {
            // A `break` goes past the `else`, which may set what is read after it.
            live_head.union(&after);
        }
        if self.last {
            live_head.union(self.exposed.get(&stmt.span.start).unwrap_or(&VarSet::default()));
            let inner = Targets { on_break: after.clone(), on_continue: live_head.clone() };
            self.block(body, live_head.clone(), &inner);
            target.iter().for_each(|t| self.define(t, &mut VarSet::default()));
        } else {
            let mut exposed = self.block(body, VarSet::default(), &Targets::default());
            match target {
                Some(t) => self.define(t, &mut exposed),
                None => self.read(head, &mut exposed),
            }
            live_head.union(&exposed);
            self.exposed.insert(stmt.span.start, exposed);
        }
        let mut before = live_head.clone();
        self.note(stmt, mark, after, live_head);
        self.read(head, &mut before);
        before
    }

    fn note(&mut self, stmt: &Stmt, mark: usize, live_after: VarSet, live_head: VarSet) {
        if self.last {
            let mut assigned = self.assigned[mark..].to_vec();
            assigned.sort_unstable();
            assigned.dedup();
            self.scope.flows.insert(stmt.span.start, Flow { assigned, live_after, live_head });
        }
    }

    fn assign(&mut self, name: &str, live: &mut VarSet) {
        if let Some(v) = self.scope.variable(name) {
            self.assigned.push(v);
            live.remove(v);
        }
    }

    fn define(&mut self, target: &Expr, live: &mut VarSet) {
        match &target.kind {
            ExprKind::Name(name) => self.assign(name, live),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|t| self.define(t, live)),
            _ => {}
        }
    }

    /// What a target reads: `a[i] = ...` reads both.
    fn read_places(&self, target: &Expr, live: &mut VarSet) {
        match &target.kind {
            ExprKind::Name(_) => {}
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|t| self.read_places(t, live)),
            _ => self.read(target, live),
        }
    }

    fn read(&self, expr: &Expr, live: &mut VarSet) {
        if let ExprKind::Name(name) = &expr.kind {
            if let Some(v) = self.scope.variable(name) {
                live.insert(v);
            }
            return;
        }
        children(expr, &mut |e| self.read(e, live));
    }
}

/// Calls `f` on each operand of an expression.
pub fn children<'a>(expr: &'a Expr, f: &mut impl FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Name(_)
        | ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_)
        | ExprKind::FString(_)
        | ExprKind::Ellipsis
        | ExprKind::Lambda { .. } => {}
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => items.iter().for_each(f),
        ExprKind::Dict(items) => items.iter().for_each(|(key, value)| {
            key.iter().for_each(&mut *f);
            f(value);
        }),
        ExprKind::Unary { operand, .. } => f(operand),
        ExprKind::Binary { left, right, .. } => {
            f(left);
            f(right);
        }
        ExprKind::BoolOp { values, .. } => values.iter().for_each(f),
        ExprKind::Compare { left, rest } => {
            f(left);
            rest.iter().for_each(|(_, e)| f(e));
        }
        ExprKind::Conditional { test, body, orelse } => [test, body, orelse].into_iter().for_each(|e| f(e)),
        ExprKind::Call { function, args, keywords } => {
            f(function);
            args.iter().for_each(&mut *f);
            keywords.iter().for_each(|k| f(&k.value));
        }
        ExprKind::Attribute { value, .. } => f(value),
        ExprKind::Subscript { value, index } => {
            f(value);
            f(index);
        }
        ExprKind::Slice { lower, upper, step } => [lower, upper, step].into_iter().flatten().for_each(|e| f(e)),
        ExprKind::Starred(value) | ExprKind::Await(value) | ExprKind::YieldFrom(value) => f(value),
        ExprKind::Named { value, .. } => f(value),
        ExprKind::Yield(value) => value.iter().for_each(|e| f(e)),
        ExprKind::Comprehension(c) => comprehension(c, f),
    }
}

fn comprehension<'a>(c: &'a Comprehension, f: &mut impl FnMut(&'a Expr)) {
    f(&c.element);
    c.value.iter().for_each(&mut *f);
    for clause in &c.clauses {
        f(&clause.iter);
        clause.conditions.iter().for_each(&mut *f);
    }
}

/// A `break` in the body leaves the loop whose body it is.
fn breaks(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        StmtKind::If { body, orelse, .. } => breaks(body) || breaks(orelse),
        StmtKind::For { orelse, .. } | StmtKind::While { orelse, .. } => breaks(orelse),
        StmtKind::With { body, .. } => breaks(body),
        _ => false,
    })
}
