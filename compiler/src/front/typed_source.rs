//! The types that inference found, as text for people: each function for its argument types, and the type of every
//! variable that it assigns.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::infer::Inference;
use super::tast::{Instance, Stmt, StmtKind, Target, Ty, VarId};

/// A listing of every instance.
pub fn listing(inference: &Inference<'_>) -> String {
    let mut out = String::new();
    for (_, instance) in inference.instances.iter() {
        // Those of rounds that were given up have no body.
        if !instance.body.is_empty() {
            function(&mut out, instance);
        }
    }
    out
}

fn function(out: &mut String, instance: &Instance) {
    let params: Vec<String> =
        instance.params.iter().map(|(v, ty)| format!("{}: {ty}", instance.variables[v.index()].name)).collect();
    let _ = writeln!(out, "def {}({}) -> {}", instance.name, params.join(", "), instance.result);
    let mut found: BTreeMap<VarId, Vec<Ty>> = BTreeMap::new();
    statements(&instance.body, &mut found);
    for (var, types) in found {
        let names: Vec<String> = types.iter().map(Ty::to_string).collect();
        let _ = writeln!(out, "    {}: {}", instance.variables[var.index()].name, names.join(", then "));
    }
}

fn statements(body: &[Stmt], found: &mut BTreeMap<VarId, Vec<Ty>>) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => targets.iter().for_each(|t| target(t, &value.ty, found)),
            StmtKind::If { body, orelse, merge, .. } => {
                statements(body, found);
                statements(orelse, found);
                merge.iter().for_each(|m| note(m.var, &m.ty, found));
            }
            StmtKind::While { flow, body, orelse, .. } | StmtKind::For { flow, body, orelse, .. } => {
                if let StmtKind::For { target: t, item, .. } = &stmt.kind {
                    target(t, item, found);
                }
                flow.carried.iter().for_each(|c| note(c.var, &c.ty, found));
                statements(body, found);
                statements(orelse, found);
            }
            StmtKind::Block(body) | StmtKind::Options { body, .. } => statements(body, found),
            StmtKind::Expr(_)
            | StmtKind::AugElement { .. }
            | StmtKind::AugArray { .. }
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Return(_)
            | StmtKind::Raise { .. }
            | StmtKind::Assert { .. } => {}
        }
    }
}

fn target(t: &Target, ty: &Ty, found: &mut BTreeMap<VarId, Vec<Ty>>) {
    match (t, ty) {
        (Target::Variable(var), _) => note(*var, ty, found),
        (Target::Tuple(targets), Ty::Tuple(types)) => {
            targets.iter().zip(types.iter()).for_each(|(t, ty)| target(t, ty, found));
        }
        (Target::Tuple(_) | Target::Element { .. }, _) => {}
    }
}

fn note(var: VarId, ty: &Ty, found: &mut BTreeMap<VarId, Vec<Ty>>) {
    let types = found.entry(var).or_default();
    if !types.contains(ty) {
        types.push(ty.clone());
    }
}
