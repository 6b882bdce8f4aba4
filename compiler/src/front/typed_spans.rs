//! The types that inference found, by place in the text: for editors, which show them on hover and beside names.
//!
//! It infers without lowering, and what could be inferred is told even where other parts of a program are wrong.

use std::collections::BTreeMap;

use super::compile::infer_kernel;
use super::environment::Program;
use super::infer::Inference;
use super::kernel::KernelSpec;
use super::tast::walk::{children, index};
use super::tast::{Expr, Index, Instance, Over, Stmt, StmtKind, Target, Ty};
use crate::diag::{Sink, SourceMap, Span};

/// What stands at a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// A name that gets a value here: a parameter or the target of an assignment.
    Binding,
    Expression,
    /// The name in a `def`; its type is the whole signature.
    Function,
}

/// The types of one place: several if its function is compiled for several.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedSpan {
    pub span: Span,
    pub role: Role,
    pub types: Vec<String>,
}

/// The types in all functions that the kernels reach, in the order of the text; at one place the longer spans first.
pub fn collect(program: &Program, specs: &[KernelSpec], sources: &SourceMap) -> Vec<TypedSpan> {
    let mut inference = Inference::new(program);
    // Faults are what compiling tells.
    let mut ignored = Sink::new();
    for spec in specs {
        if let Some(types) = spec.check(program, &mut ignored) {
            infer_kernel(&mut inference, spec, types);
        }
    }
    let mut found = Found { sources, spans: BTreeMap::new() };
    for (_, instance) in inference.instances.iter().filter(|(_, i)| !i.body.is_empty()) {
        found.instance(program, instance);
    }
    let typed = |((start, _, role), (span, types)): (_, (Span, Vec<String>))| {
        debug_assert_eq!(start, (span.file.0, span.start));
        TypedSpan { span, role, types }
    };
    found.spans.into_iter().map(typed).collect()
}

/// File and start, then the longest first.
type Place = ((u32, u32), u32, Role);

struct Found<'a> {
    sources: &'a SourceMap,
    spans: BTreeMap<Place, (Span, Vec<String>)>,
}

impl Found<'_> {
    fn note(&mut self, span: Span, role: Role, text: String) {
        let key = ((span.file.0, span.start), u32::MAX - span.end, role);
        let (_, types) = self.spans.entry(key).or_insert_with(|| (span, Vec::new()));
        if !types.contains(&text) {
            types.push(text);
        }
    }

    fn ty(&mut self, span: Span, role: Role, ty: &Ty) {
        if !ty.is_vague() && !span.is_empty() {
            self.note(span, role, ty.to_string());
        }
    }

    fn instance(&mut self, program: &Program, instance: &Instance) {
        let def = &program.functions[instance.function].def;
        let named = |(var, ty): &(super::tast::VarId, Ty)| {
            let name = &instance.variables[var.index()].name;
            (name.clone(), ty.clone())
        };
        let params: Vec<(String, Ty)> = instance.params.iter().map(named).collect();
        let shown: Vec<String> = params.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
        self.note(
            def.name.span,
            Role::Function,
            format!("def {}({}) -> {}", instance.name, shown.join(", "), instance.result),
        );
        for param in &def.params.list {
            if let Some((_, ty)) = params.iter().find(|(name, _)| *name == param.name.text) {
                self.ty(param.name.span, Role::Binding, ty);
            }
        }
        self.statements(instance, &instance.body);
    }

    fn statements(&mut self, instance: &Instance, body: &[Stmt]) {
        body.iter().for_each(|stmt| self.statement(instance, stmt));
    }

    fn statement(&mut self, instance: &Instance, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) | StmtKind::Return(Some(e)) | StmtKind::Assert { test: e, .. } => self.expr(e),
            StmtKind::Assign { targets, value } => {
                let before = Span { end: value.span.start, ..stmt.span };
                targets.iter().for_each(|t| self.target(instance, t, &value.ty, before));
                self.expr(value);
            }
            StmtKind::AugElement { base, index: brackets, value, .. } => {
                self.expr(base);
                self.brackets(brackets);
                self.expr(value);
            }
            StmtKind::AugArray { array, value, .. } => {
                self.expr(array);
                self.expr(value);
            }
            StmtKind::If { test, body, orelse, .. } | StmtKind::While { test, body, orelse, .. } => {
                self.expr(test);
                self.statements(instance, body);
                self.statements(instance, orelse);
            }
            StmtKind::For { target, item, over, body, orelse, .. } => {
                self.target(instance, target, item, self.before_in(stmt.span));
                self.over(over);
                self.statements(instance, body);
                self.statements(instance, orelse);
            }
            StmtKind::Block(body) | StmtKind::Options { body, .. } => self.statements(instance, body),
            StmtKind::Break | StmtKind::Continue | StmtKind::Return(None) | StmtKind::Raise { .. } => {}
        }
    }

    /// From `for` to its `in`.
    fn before_in(&self, span: Span) -> Span {
        let text = self.sources.text(span);
        let end = word(text, "in").map_or(0, |at| at as u32);
        Span { end: span.start + end, ..span }
    }

    /// `place` is the text in which the target's names stand.
    fn target(&mut self, instance: &Instance, target: &Target, ty: &Ty, place: Span) {
        match (target, ty) {
            (Target::Variable(var), _) => {
                let name = &instance.variables[var.index()].name;
                if let Some(at) = word(self.sources.text(place), name) {
                    let start = place.start + at as u32;
                    self.ty(Span { start, end: start + name.len() as u32, ..place }, Role::Binding, ty);
                }
            }
            (Target::Tuple(targets), Ty::Tuple(types)) => {
                targets.iter().zip(types.iter()).for_each(|(t, ty)| self.target(instance, t, ty, place));
            }
            (Target::Tuple(_), _) => {}
            (Target::Element { base, index: brackets, item, span }, _) => {
                self.ty(*span, Role::Expression, item);
                self.expr(base);
                self.brackets(brackets);
            }
        }
    }

    fn over(&mut self, over: &Over) {
        match over {
            Over::Range(bounds) => bounds.iter().for_each(|e| self.expr(e)),
            Over::Array(e) | Over::Table(e) => self.expr(e),
            Over::Enumerate(inner, start) => {
                self.over(inner);
                self.expr(start);
            }
            Over::Zip(all) => all.iter().for_each(|o| self.over(o)),
            Over::Reversed(inner) => self.over(inner),
        }
    }

    fn brackets(&mut self, brackets: &Index) {
        let mut inside = Vec::new();
        index(brackets, &mut |e| inside.push(e));
        inside.into_iter().for_each(|e| self.expr(e));
    }

    fn expr(&mut self, e: &Expr) {
        self.ty(e.span, Role::Expression, &e.ty);
        let mut inside = Vec::new();
        children(e, &mut |child| inside.push(child));
        inside.into_iter().for_each(|child| self.expr(child));
    }
}

/// Where a name stands in a text as a whole word.
fn word(text: &str, name: &str) -> Option<usize> {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let whole =
        |at: &usize| !inside(text[..*at].chars().next_back()) && !inside(text[*at + name.len()..].chars().next());
    text.match_indices(name).map(|(at, _)| at).find(whole)
}
