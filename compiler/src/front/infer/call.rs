//! Calls: of functions of the program, of builtins, of dtypes, and the few methods that scalars have.

use super::Body;
use super::expr::{faulty, literal};
use super::stmt::literal_of;
use super::unsupported::{indefinite, nearest};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::builtins::{self, Builtin};
use crate::front::environment::{FunctionId, Global, evaluate, fold};
use crate::front::syntax::{self, Expr, ExprKind, Keyword, ParamKind};
use crate::front::tast::{self, Known, Literal, Py, Ty};
use crate::types::Scalar;

/// How the arguments of a call reach a builtin's parameters.
type Slots = Vec<Option<tast::Expr>>;

impl Body<'_, '_> {
    pub(super) fn call(&mut self, function: &Expr, args: &[Expr], keywords: &[Keyword], span: Span) -> tast::Expr {
        if let Some(star) = args.iter().find(|a| matches!(a.kind, ExprKind::Starred(_))) {
            let message = "`*` in a call is not part of the kernel language";
            self.fault(Diagnostic::error(Code::UnsupportedSyntax, star.span, message).help("write the arguments out"));
            return faulty(span);
        }
        if let Some(star) = keywords.iter().find(|k| k.name.is_none()) {
            let message = "`**` in a call is not part of the kernel language";
            self.fault(Diagnostic::error(Code::UnsupportedSyntax, star.span, message).help("write the arguments out"));
            return faulty(span);
        }
        if let ExprKind::Attribute { value, name } = &function.kind
            && !self.names_module(value)
        {
            return self.method(value, name, args, keywords, span);
        }
        let callee = self.expr(function);
        match callee.ty {
            Ty::Known(Known::Function(id)) => self.call_function(id, args, keywords, span),
            Ty::Known(Known::Dtype(dtype)) => self.construct(dtype, args, keywords, span),
            Ty::Known(Known::Builtin(Builtin::Cython(f))) => self.call_cython(f, args, keywords, span),
            Ty::Known(Known::Builtin(builtin)) => self.call_builtin(builtin, args, keywords, span),
            Ty::Error => {
                args.iter().chain(keywords.iter().map(|k| &k.value)).for_each(|a| {
                    self.expr(a);
                });
                faulty(span)
            }
            other => {
                let message = format!("{} cannot be called", indefinite(&other));
                self.fault(Diagnostic::error(Code::TypeMismatch, function.span, message));
                faulty(span)
            }
        }
    }

    /// `a.b` names something in a module, rather than a method of a value.
    fn names_module(&self, value: &Expr) -> bool {
        let Some(path) = value.path() else { return false };
        let module = |known: Option<Known>| matches!(known, Some(Known::Module(_) | Known::UserModule(_)));
        let first = match self.scope.variable(path[0]) {
            Some(var) => match self.state.slot(var).ty() {
                Some(Ty::Known(k)) => Some(*k),
                _ => return false,
            },
            None => match self.cx.program.lookup(self.environment, path[0]) {
                Some(Global::Known(k)) => Some(k),
                // A name that does not exist is reported as a name.
                None | Some(Global::Unusable(..)) => return true,
                Some(_) => None,
            },
        };
        module(first)
    }

    /// `x.view(dtype)`, `x.item()`.
    fn method(
        &mut self,
        value: &Expr,
        name: &syntax::Ident,
        args: &[Expr],
        keywords: &[Keyword],
        span: Span,
    ) -> tast::Expr {
        let of = self.expr(value);
        if let Some(array) = of.ty.as_array() {
            return self.array_method(of, array, name, args, keywords, span);
        }
        let args: Vec<tast::Expr> = args.iter().map(|a| self.expr(a)).collect();
        match (&of.ty, name.text.as_str(), args.as_slice()) {
            (ty, ..) if ty.is_vague() => tast::Expr { kind: tast::ExprKind::Known, ty: of.ty.clone(), span },
            (Ty::Np(from), "view", [to]) => match dtype_of(&to.ty) {
                Some(to) if to.bytes() == from.bytes() && (to == Scalar::Bool) == (*from == Scalar::Bool) => {
                    tast::Expr { kind: tast::ExprKind::Bits(Box::new(of)), ty: Ty::Np(to), span }
                }
                Some(to) => {
                    let message = format!("the bits of {} cannot be viewed as {}", from.dtype_name(), to.dtype_name());
                    let help = "both must have the same size";
                    self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help(help));
                    faulty(span)
                }
                None => {
                    let message = "`view` takes a dtype such as np.int64";
                    self.fault(Diagnostic::error(Code::WrongArguments, to.span, message));
                    faulty(span)
                }
            },
            (Ty::Np(s), "item", []) => {
                let ty = Ty::Py(Py::of(*s));
                tast::Expr { kind: tast::ExprKind::ToPython(Box::new(of)), ty, span }
            }
            (Ty::Np(_), "astype", [to]) if dtype_of(&to.ty).is_some() => {
                let message = "scalars are converted by calling the dtype";
                let help = "write `np.float64(x)`";
                self.fault(Diagnostic::error(Code::UnknownAttribute, name.span, message).help(help));
                faulty(span)
            }
            (ty, method, _) => {
                let message = format!("{} has no method `{method}` in kernels", indefinite(ty));
                let help =
                    "NumPy scalars have `view(dtype)` and `item()`; call functions of `math` and `numpy` on numbers";
                self.fault(Diagnostic::error(Code::UnknownAttribute, name.span, message).help(help));
                faulty(span)
            }
        }
    }

    /// `np.float64(x)` and alike.
    fn construct(&mut self, dtype: Scalar, args: &[Expr], keywords: &[Keyword], span: Span) -> tast::Expr {
        let args: Vec<tast::Expr> = args.iter().map(|a| self.expr(a)).collect();
        let value = match args.as_slice() {
            [] if keywords.is_empty() => return literal(Literal::Np(crate::ir::op::Const::int(dtype, 0)), span),
            [value] if keywords.is_empty() => value,
            _ => {
                let message = format!("`{}` takes one argument", dtype.dtype_name());
                self.fault(Diagnostic::error(Code::WrongArguments, span, message));
                return faulty(span);
            }
        };
        if let Some(folded) = literal_of(value).and_then(|l| fold::construct(dtype, l)) {
            return literal(folded, span);
        }
        if value.ty.is_vague() {
            return tast::Expr { kind: tast::ExprKind::Known, ty: value.ty.clone(), span };
        }
        if let Ty::Array(_) = value.ty {
            return converted(value.clone(), dtype, span);
        }
        if !value.ty.is_number() {
            let message = format!("{} cannot be converted to {}", indefinite(&value.ty), dtype.dtype_name());
            self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help("pass a number"));
            return faulty(span);
        }
        let builtin = builtins::Builtin::Numpy(builtins::NumpyFn::Construct(dtype));
        tast::Expr { kind: tast::ExprKind::Builtin { builtin, args }, ty: Ty::Np(dtype), span }
    }

    pub(super) fn call_builtin(
        &mut self,
        builtin: builtins::Builtin,
        args: &[Expr],
        keywords: &[Keyword],
        span: Span,
    ) -> tast::Expr {
        let args: Vec<tast::Expr> = args.iter().map(|a| self.argument(builtin, a)).collect();
        let named: Vec<(&Keyword, tast::Expr)> =
            keywords.iter().map(|k| (k, self.argument(builtin, &k.value))).collect();
        self.call_placed(builtin, args, named, span)
    }

    /// An argument; lists may stand for tuples where an array is made of them.
    fn argument(&mut self, builtin: builtins::Builtin, e: &Expr) -> tast::Expr {
        match &e.kind {
            ExprKind::List(items) | ExprKind::Tuple(items) if builtin.takes_lists() => {
                let items: Vec<tast::Expr> = items.iter().map(|item| self.argument(builtin, item)).collect();
                self.checked_tuple(items, e.span)
            }
            _ => self.expr(e),
        }
    }

    /// A call whose arguments are typed.
    pub(super) fn call_placed(
        &mut self,
        builtin: builtins::Builtin,
        args: Vec<tast::Expr>,
        named: Vec<(&Keyword, tast::Expr)>,
        span: Span,
    ) -> tast::Expr {
        let vague = args.iter().chain(named.iter().map(|(_, e)| e)).find(|a| a.ty.is_vague()).map(|a| a.ty.clone());
        if let Some(ty) = vague {
            return tast::Expr { kind: tast::ExprKind::Known, ty, span };
        }
        let Some(args) = self.place(builtin, args, named, span) else { return faulty(span) };
        let literals: Option<Vec<Literal>> = args.iter().map(|a| literal_of(a).cloned()).collect();
        if let Some(folded) = literals.and_then(|l| builtins::fold(builtin, &l)) {
            return literal(folded, span);
        }
        match builtins::call(builtin, args, span, &self.cx.tables) {
            Ok(call) => call,
            Err(fault) => {
                self.fault(*fault);
                faulty(span)
            }
        }
    }

    /// Puts keyword arguments to their places.
    fn place(
        &mut self,
        builtin: builtins::Builtin,
        args: Vec<tast::Expr>,
        named: Vec<(&Keyword, tast::Expr)>,
        span: Span,
    ) -> Option<Vec<tast::Expr>> {
        let (least, most) = builtin.arity();
        let name = builtin.name();
        let mut slots: Slots = args.into_iter().map(Some).collect();
        for (keyword, value) in named {
            let text = keyword.name.as_ref().map_or("", |n| n.text.as_str());
            let Some(position) = builtin.position(text) else {
                let message = format!("`{name}` takes no keyword argument `{text}` in kernels");
                let mut fault = Diagnostic::error(Code::WrongArguments, keyword.span, message);
                if let (builtins::Builtin::Numpy(_), Some(help)) = (builtin, ufunc_help(text)) {
                    fault = fault.help(help);
                }
                self.fault(fault);
                return None;
            };
            if slots.len() <= position {
                slots.resize_with(position + 1, || None);
            }
            if slots[position].replace(value).is_some() {
                let message = format!("`{name}` got two values for `{text}`");
                self.fault(Diagnostic::error(Code::WrongArguments, keyword.span, message));
                return None;
            }
        }
        let count = slots.len();
        if builtin.has_gaps() {
            for slot in &mut slots {
                slot.get_or_insert_with(|| literal(Literal::None, span));
            }
        }
        let placed: Option<Vec<_>> = slots.into_iter().collect();
        match placed {
            Some(args) if (least..=most).contains(&count) => Some(args),
            _ => {
                let wants = match (least, most) {
                    (a, b) if a == b => format!("{a} argument{}", if a == 1 { "" } else { "s" }),
                    (a, usize::MAX) => format!("{a} or more arguments"),
                    (a, b) => format!("{a} to {b} arguments"),
                };
                let message = format!("`{name}` takes {wants}, got {count}");
                self.fault(Diagnostic::error(Code::WrongArguments, span, message));
                None
            }
        }
    }

    fn call_function(&mut self, id: FunctionId, args: &[Expr], keywords: &[Keyword], span: Span) -> tast::Expr {
        let program = self.cx.program;
        let item = &program.functions[id];
        let params = &item.def.params.list;
        let mut passed: Vec<(usize, tast::Expr)> = Vec::with_capacity(params.len());
        let mut faulted = false;
        let positional =
            params.iter().filter(|p| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly)).count();
        for (i, arg) in args.iter().enumerate() {
            let value = self.expr(arg);
            if i >= positional {
                let message =
                    format!("`{}` takes {positional} positional arguments, got {}", item.def.name.text, args.len());
                self.fault(
                    Diagnostic::error(Code::WrongArguments, arg.span, message).also(item.def.header, "defined here"),
                );
                return faulty(span);
            }
            passed.push((i, value));
        }
        for keyword in keywords {
            let value = self.expr(&keyword.value);
            let text = keyword.name.as_ref().map_or("", |n| n.text.as_str());
            let position = params
                .iter()
                .position(|p| p.name.text == text && matches!(p.kind, ParamKind::Normal | ParamKind::KeywordOnly));
            match position {
                Some(i) if passed.iter().all(|(k, _)| *k != i) => passed.push((i, value)),
                Some(_) => {
                    let message = format!("`{}` got two values for `{text}`", item.def.name.text);
                    self.fault(Diagnostic::error(Code::WrongArguments, keyword.span, message));
                    faulted = true;
                }
                None => {
                    self.unknown_keyword(item.def.name.text.as_str(), params, keyword);
                    faulted = true;
                }
            }
        }
        for (i, param) in params.iter().enumerate() {
            if passed.iter().all(|(k, _)| *k != i) {
                match self.default(id, param, span) {
                    Some(value) => passed.push((i, value)),
                    None => faulted = true,
                }
            }
        }
        if faulted { faulty(span) } else { self.call_instance(id, passed, span) }
    }

    fn unknown_keyword(&mut self, function: &str, params: &[syntax::Param], keyword: &Keyword) {
        let text = keyword.name.as_ref().map_or("", |n| n.text.as_str());
        let message = format!("`{function}` has no parameter `{text}`");
        let mut fault = Diagnostic::error(Code::WrongArguments, keyword.span, message);
        if let Some(near) = nearest(text, params.iter().map(|p| p.name.text.as_str())) {
            fault = fault.help(format!("did you mean `{near}`?"));
        }
        self.fault(fault);
    }

    /// The value of a parameter that the call leaves out.
    fn default(&mut self, id: FunctionId, param: &syntax::Param, span: Span) -> Option<tast::Expr> {
        let program = self.cx.program;
        let item = &program.functions[id];
        let global = match (item.defaults.get(&param.name.text), &param.default) {
            (Some(global), _) => global.clone(),
            (None, Some(e)) => evaluate(program, item.environment, e),
            (None, None) => {
                let message = format!("`{}` needs a value for `{}`", item.def.name.text, param.name.text);
                let fault = Diagnostic::error(Code::WrongArguments, span, message).also(param.span, "this parameter");
                self.fault(fault);
                return None;
            }
        };
        let value = self.global(global, &param.name.text, span);
        (value.ty != Ty::Error).then_some(value)
    }

    fn call_instance(&mut self, id: FunctionId, passed: Vec<(usize, tast::Expr)>, span: Span) -> tast::Expr {
        let mut types = vec![Ty::Error; passed.len()];
        for (i, value) in &passed {
            // A string or an unknown type tells nothing that could be compiled.
            if value.ty == Ty::Error {
                return faulty(span);
            }
            if value.ty == Ty::Unknown {
                return tast::Expr { kind: tast::ExprKind::Known, ty: Ty::Unknown, span };
            }
            if value.ty == Ty::Str {
                let message = "strings cannot be passed to functions of kernels";
                let help = "pass a number that stands for it";
                self.fault(Diagnostic::error(Code::UnsupportedType, value.span, message).help(help));
                return faulty(span);
            }
            types[*i] = value.ty.clone();
        }
        match self.cx.instance(id, types, span) {
            Some(callee) => {
                let ty = self.cx.result(callee);
                tast::Expr { kind: tast::ExprKind::Call { callee, args: passed }, ty, span }
            }
            None => faulty(span),
        }
    }
}

/// The dtype that an argument names: `np.int64`, and `int`, `float`, `bool` for NumPy's default ones.
pub fn dtype_of(ty: &Ty) -> Option<Scalar> {
    use builtins::PythonFn;
    match ty {
        Ty::Known(Known::Dtype(s)) => Some(*s),
        Ty::Known(Known::Builtin(Builtin::Python(PythonFn::Int))) => Some(Scalar::I64),
        Ty::Known(Known::Builtin(Builtin::Python(PythonFn::Float))) => Some(Scalar::F64),
        Ty::Known(Known::Builtin(Builtin::Python(PythonFn::Bool))) => Some(Scalar::Bool),
        _ => None,
    }
}

/// The dtype that an expression names, as [`dtype_of`] or as a string: `'float64'`, `'f8'`.
pub fn named_dtype(e: &tast::Expr) -> Option<Scalar> {
    let tast::ExprKind::Literal(Literal::Str(name)) = &e.kind else { return dtype_of(&e.ty) };
    let name = name.trim_start_matches(['=', '<', '|']);
    Some(match name {
        "?" | "b1" | "bool_" => Scalar::Bool,
        "b" | "i1" | "byte" => Scalar::I8,
        "h" | "i2" | "short" => Scalar::I16,
        "i" | "i4" | "intc" => Scalar::I32,
        "l" | "q" | "i8" | "int" | "intp" | "int_" => Scalar::I64,
        "B" | "u1" | "ubyte" => Scalar::U8,
        "H" | "u2" | "ushort" => Scalar::U16,
        "I" | "u4" | "uintc" => Scalar::U32,
        "L" | "Q" | "u8" | "uint" | "uintp" => Scalar::U64,
        "f" | "f4" | "single" => Scalar::F32,
        "d" | "f8" | "float" | "double" => Scalar::F64,
        _ => Scalar::from_dtype_name(name)?,
    })
}

/// An array's elements, or a number, as a dtype.
pub(super) fn converted(value: tast::Expr, dtype: Scalar, span: Span) -> tast::Expr {
    let ty = super::elementwise::lift([&value.ty], Ty::Np(dtype));
    let builtin = builtins::Builtin::Numpy(builtins::NumpyFn::Construct(dtype));
    tast::Expr { kind: tast::ExprKind::Builtin { builtin, args: vec![value] }, ty, span }
}

/// What to write instead of a keyword argument that NumPy's functions have.
fn ufunc_help(keyword: &str) -> Option<&'static str> {
    match keyword {
        "out" => Some("assign the result: `out[...] = np.f(a)` computes into `out`"),
        "where" => Some("choose elements: `np.where(mask, np.f(a), b)`"),
        "dtype" => Some("convert: `np.f(a).astype(dtype)`, or convert the argument"),
        "casting" | "order" | "subok" => Some("leave it out"),
        _ => None,
    }
}
