//! What names mean outside of functions: the modules of a program, their constants, imports and functions.
//!
//! A program is either source text, whose top level is read here ([`Program::add_module`]), or functions taken from a
//! live Python process, whose globals and closure values the host gives as [`Global`]s ([`Program::add_function`]).
//! Captured values are constants. Nothing here reports a fault of its own: a top-level name that kernels cannot use is
//! kept as [`Global::Unusable`] with the reason, and said where a kernel uses it.

mod constant;
pub(in crate::front) mod fold;
mod toplevel;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use self::constant::evaluate;
pub use self::toplevel::{import_from, import_module};
use super::builtins;
use super::builtins::removed::Removed;
use super::syntax;
use super::tast::{Known, Literal};
use crate::base::arena::{Arena, Id};
use crate::diag::Span;
use crate::options::KernelOptions;

pub type FunctionId = Id<FunctionItem>;
pub type EnvironmentId = Id<Environment>;

/// What a name outside of a function stands for.
#[derive(Clone, PartialEq, Debug)]
pub enum Global {
    Literal(Literal),
    Tuple(Arc<[Global]>),
    Known(Known),
    /// `from module import name` of a module of the program; looked up when it is used.
    Imported {
        module: String,
        name: String,
    },
    /// `import module` of a module that the compiler does not know, but may be one of the program.
    Import(String),
    /// A name that `numpy` has no more.
    Removed(Removed),
    /// Defined, but not a value that kernels can use: what it is instead, as in "a list".
    Unusable(String, Option<Span>),
}

/// The names of one module, or those that one function captured.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Environment {
    names: BTreeMap<String, Global>,
    /// Where names that are not there are looked up next.
    parent: Option<EnvironmentId>,
}

/// A `def` of the program.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionItem {
    pub def: Arc<syntax::Function>,
    pub environment: EnvironmentId,
    /// Values of parameters' defaults that the host read off the live function; the others stand in the source.
    pub defaults: BTreeMap<String, Global>,
    /// Its own options, where they are not those of the compilation.
    pub options: Option<KernelOptions>,
}

/// Modules and functions that are compiled together.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Program {
    pub functions: Arena<FunctionItem>,
    pub environments: Arena<Environment>,
    modules: BTreeMap<String, EnvironmentId>,
    /// Where the front-end is at work: a fault of ours says so.
    pub at: Cell<Option<Span>>,
}

/// The standard modules, and those whose spellings gelcap accepts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StdModule {
    Builtins,
    Math,
    Numpy,
    NumpyCtypeslib,
    Gelcap,
    Numba,
    NumbaTypes,
    Cython,
    Ctypes,
}

impl StdModule {
    const ALL: [StdModule; 9] = [
        StdModule::Builtins,
        StdModule::Math,
        StdModule::Numpy,
        StdModule::NumpyCtypeslib,
        StdModule::Gelcap,
        StdModule::Numba,
        StdModule::NumbaTypes,
        StdModule::Cython,
        StdModule::Ctypes,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            StdModule::Builtins => "builtins",
            StdModule::Math => "math",
            StdModule::Numpy => "numpy",
            StdModule::NumpyCtypeslib => "numpy.ctypeslib",
            StdModule::Gelcap => "gelcap",
            StdModule::Numba => "numba",
            StdModule::NumbaTypes => "numba.types",
            StdModule::Cython => "cython",
            StdModule::Ctypes => "ctypes",
        }
    }

    pub fn from_name(name: &str) -> Option<StdModule> {
        match name {
            "gelcap.types" | "numba.core.types" => Some(StdModule::NumbaTypes),
            "Cython" | "cython.parallel" => Some(StdModule::Cython),
            "cython.cimports.libc.math" => Some(StdModule::Math),
            _ => StdModule::ALL.into_iter().find(|m| m.name() == name),
        }
    }
}

impl Environment {
    pub fn new() -> Environment {
        Environment::default()
    }

    /// Names that are not found here are looked up in `parent`.
    pub fn within(parent: EnvironmentId) -> Environment {
        Environment { names: BTreeMap::new(), parent: Some(parent) }
    }

    pub fn define(&mut self, name: impl Into<String>, value: Global) {
        self.names.insert(name.into(), value);
    }

    pub fn get(&self, name: &str) -> Option<&Global> {
        self.names.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }
}

impl Program {
    pub fn new() -> Program {
        Program::default()
    }

    /// Adds a source text as the module of that name (as in `import name`; empty for none) and reads its top level.
    pub fn add_module(&mut self, name: &str, module: syntax::Module) -> EnvironmentId {
        let id = self.environments.push(Environment::default());
        if !name.is_empty() {
            self.modules.insert(name.to_owned(), id);
        }
        toplevel::read(self, id, module.body);
        id
    }

    /// Adds a set of captured values.
    pub fn add_environment(&mut self, environment: Environment) -> EnvironmentId {
        self.environments.push(environment)
    }

    /// Adds one function whose names mean what the environment says.
    pub fn add_function(
        &mut self,
        def: Arc<syntax::Function>,
        environment: EnvironmentId,
        defaults: BTreeMap<String, Global>,
    ) -> FunctionId {
        self.functions.push(FunctionItem { def, environment, defaults, options: None })
    }

    /// Defines a name after the fact: live functions may refer to each other.
    pub fn define(&mut self, environment: EnvironmentId, name: impl Into<String>, value: Global) {
        self.environments[environment].define(name, value);
    }

    /// The module of that name, if it was added.
    pub fn module(&self, name: &str) -> Option<EnvironmentId> {
        self.modules.get(name).copied()
    }

    /// The function that a module's name stands for.
    pub fn function(&self, environment: EnvironmentId, name: &str) -> Option<FunctionId> {
        match self.lookup(environment, name)? {
            Global::Known(Known::Function(id)) => Some(id),
            _ => None,
        }
    }

    /// The value of a parameter's default, if it has one.
    pub fn default_value(&self, function: FunctionId, param: &syntax::Param) -> Option<Global> {
        let item = &self.functions[function];
        match (item.defaults.get(&param.name.text), &param.default) {
            (Some(global), _) => Some(global.clone()),
            (None, Some(e)) => Some(evaluate(self, item.environment, e)),
            (None, None) => None,
        }
    }

    /// What a name stands for: in the environment, in those around it, then among Python's builtins.
    pub fn lookup(&self, environment: EnvironmentId, name: &str) -> Option<Global> {
        let mut at = Some(environment);
        while let Some(id) = at {
            let environment = self.environments.get(id)?;
            if let Some(global) = environment.get(name) {
                return Some(self.resolve(global.clone()));
            }
            at = environment.parent;
        }
        builtins::member(StdModule::Builtins, name)
    }

    /// A member of a module: `np.exp`, `helpers.f`.
    pub fn member(&self, module: Known, name: &str) -> Option<Global> {
        match module {
            Known::Module(m) => builtins::member(m, name),
            Known::UserModule(id) => self.environments.get(id)?.get(name).map(|g| self.resolve(g.clone())),
            Known::Builtin(_) | Known::Dtype(_) | Known::Function(_) | Known::Exception(_) => None,
        }
    }

    /// Follows imports from modules of the program, which may form chains and (in hostile sources) circles.
    fn resolve(&self, mut global: Global) -> Global {
        for _ in 0..16 {
            global = match global {
                Global::Imported { module, name } => {
                    let found = self.modules.get(&module).and_then(|id| self.environments[*id].get(&name));
                    match found {
                        Some(found) => found.clone(),
                        None => return Global::Unusable(format!("`{name}` of the module `{module}`"), None),
                    }
                }
                Global::Import(module) => match self.modules.get(&module) {
                    Some(id) => Global::Known(Known::UserModule(*id)),
                    None => return Global::Unusable(format!("the module `{module}`"), None),
                },
                found => return found,
            };
        }
        Global::Unusable("an import that goes round in a circle".into(), None)
    }

    /// Every name that can be written in a function of the environment, for suggestions.
    pub fn visible_names(&self, environment: EnvironmentId) -> Vec<&str> {
        let mut names = Vec::new();
        let mut at = Some(environment);
        while let Some(environment) = at.and_then(|id| self.environments.get(id)) {
            names.extend(environment.names());
            at = environment.parent;
        }
        names
    }
}
