//! Reads the top level of a source text: imports, constants and functions. Statements that do anything else are left
//! alone, as a file may hold tests, plots and classes beside its kernels; the names they assign are unusable.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{EnvironmentId, FunctionItem, Global, Program, StdModule, constant};
use crate::front::builtins;
use crate::front::syntax::{Alias, Expr, ExprKind, Stmt, StmtKind};
use crate::front::tast::Known;

/// Reads statements into the environment, in order.
pub(super) fn read(program: &mut Program, id: EnvironmentId, body: Vec<Stmt>) {
    for stmt in body {
        read_stmt(program, id, stmt);
    }
}

fn read_stmt(program: &mut Program, id: EnvironmentId, stmt: Stmt) {
    let span = stmt.span;
    match stmt.kind {
        StmtKind::Function(def) => {
            let name = def.name.text.clone();
            let item = FunctionItem { def: Arc::from(def), environment: id, defaults: BTreeMap::new(), options: None };
            let function = program.functions.push(item);
            program.define(id, name, Global::Known(Known::Function(function)));
        }
        StmtKind::Assign { targets, value } => {
            let value = constant::evaluate(program, id, &value);
            targets.iter().for_each(|target| bind(program, id, target, &value));
        }
        StmtKind::AnnAssign { target, value: Some(value), .. } => {
            let value = constant::evaluate(program, id, &value);
            bind(program, id, &target, &value);
        }
        StmtKind::AugAssign { target, .. } => {
            bind(program, id, &target, &Global::Unusable("changed after its definition".into(), Some(span)));
        }
        StmtKind::Import(names) => names.iter().for_each(|alias| import(program, id, alias)),
        StmtKind::ImportFrom { module, names, .. } => {
            let module = module.unwrap_or_default();
            for alias in &names {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name).clone();
                program.define(id, bound, import_from(&module, &alias.name));
            }
        }
        StmtKind::Class(class) => {
            program.define(id, class.name.text.clone(), Global::Unusable("a class".into(), Some(span)));
        }
        // `try: import a` with a fallback: the body is what usually runs.
        StmtKind::Try(block)
            if block.body.iter().all(|s| matches!(s.kind, StmtKind::Import(_) | StmtKind::ImportFrom { .. })) =>
        {
            read(program, id, block.body);
        }
        StmtKind::If { body, orelse, .. } => {
            for stmt in body.into_iter().chain(orelse) {
                conditional(program, id, stmt);
            }
        }
        StmtKind::For { target, .. } => {
            bind(program, id, &target, &Global::Unusable("the variable of a loop".into(), Some(span)));
        }
        _ => {}
    }
}

/// A statement that may or may not run: imports and functions are taken as if it did, values are not known.
fn conditional(program: &mut Program, id: EnvironmentId, stmt: Stmt) {
    match &stmt.kind {
        StmtKind::Import(_) | StmtKind::ImportFrom { .. } | StmtKind::Function(_) => read_stmt(program, id, stmt),
        StmtKind::Assign { targets, .. } => {
            for target in targets {
                bind(program, id, target, &Global::Unusable("assigned under a condition".into(), Some(stmt.span)));
            }
        }
        _ => {}
    }
}

/// Binds a target of an assignment, names and tuples of them.
fn bind(program: &mut Program, id: EnvironmentId, target: &Expr, value: &Global) {
    match &target.kind {
        ExprKind::Name(name) => program.define(id, name.clone(), value.clone()),
        ExprKind::Tuple(targets) | ExprKind::List(targets) => match value {
            Global::Tuple(items) if items.len() == targets.len() => {
                targets.iter().zip(items.iter()).for_each(|(t, v)| bind(program, id, t, v));
            }
            Global::Unusable(..) => targets.iter().for_each(|t| bind(program, id, t, value)),
            _ => {
                let fault = Global::Unusable("unpacked from a value that is not a tuple".into(), Some(target.span));
                targets.iter().for_each(|t| bind(program, id, t, &fault));
            }
        },
        _ => {}
    }
}

/// `import a.b` binds `a`; `import a.b as c` binds the inner module.
fn import(program: &mut Program, id: EnvironmentId, alias: &Alias) {
    let (bound, path) = match &alias.asname {
        Some(name) => (name.clone(), alias.name.as_str()),
        None => {
            let first = alias.name.split('.').next().unwrap_or(&alias.name);
            (first.to_owned(), first)
        }
    };
    program.define(id, bound, import_module(path));
}

/// The value of an imported module.
pub fn import_module(path: &str) -> Global {
    match StdModule::from_name(path) {
        Some(module) => Global::Known(Known::Module(module)),
        None => Global::Import(path.to_owned()),
    }
}

/// The value of `from module import name`.
pub fn import_from(module: &str, name: &str) -> Global {
    match StdModule::from_name(module) {
        Some(std) => match builtins::member(std, name) {
            Some(global) => global,
            None => match StdModule::from_name(&format!("{module}.{name}")) {
                Some(inner) => Global::Known(Known::Module(inner)),
                None => Global::Unusable(format!("`{module}.{name}`"), None),
            },
        },
        None => Global::Imported { module: module.to_owned(), name: name.to_owned() },
    }
}
