//! IR as text. The syntax is described in [`super::text`], which reads it back.
//!
//! Printing never fails and never panics, however broken the module: what does not exist prints as `?` with its number.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::compact::Order;
use super::module::{
    AliasClass, AliasId, DataId, Entry, FuncId, Function, InstId, LabelId, Linkage, LocId, Module, RegionId, SiteId,
    ValueData, ValueId,
};
use super::op::{Access, ArrayOp, AxisSpec, BufferOp, Const, Op, VectorOp};
use super::ty::Type;
use crate::base::arena::{Arena, Id, IdMap};
use crate::base::text::TextWriter;
use crate::types::{Kind, Scalar};

/// Remarks to print below instructions (`None`: below the function's header).
pub type Notes = BTreeMap<Option<InstId>, Vec<String>>;

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// With source locations: the table, and `at #n` behind instructions. Needed for the text to parse back equal.
    pub locs: bool,
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&module(self, Options { locs: true }))
    }
}

/// The whole module.
pub fn module(m: &Module, options: Options) -> String {
    let mut w = TextWriter::new();
    w.line(format_args!("level {}", m.level.name()));
    if options.locs && !m.locs.is_empty() {
        w.blank();
        for (id, loc) in m.locs.iter() {
            let (span, name) = (loc.span, Quoted(&loc.function));
            let mut line = format!("loc #{} = file {} {}..{} in {name}", id.index(), span.file.0, span.start, span.end);
            if let Some(call) = loc.inlined_at {
                let _ = write!(line, " inlined at #{}", call.index());
            }
            w.line(line);
        }
    }
    if !m.sites.is_empty() {
        w.blank();
        for (id, site) in m.sites.iter() {
            let mut line = format!("site !{} = {} {}", id.index(), site.exception.name(), Quoted(&site.message));
            at(&mut line, site.loc.filter(|_| options.locs));
            w.line(line);
        }
    }
    for id in m.data.ids() {
        w.blank();
        data(&mut w, m, id);
    }
    for (_, f) in m.functions.iter() {
        w.blank();
        Printer::new(m, f, options, &Notes::new()).print(&mut w);
    }
    w.finish()
}

/// One function, without the module's tables, with remarks below its instructions.
pub fn function(m: &Module, f: &Function, options: Options, notes: &Notes) -> String {
    let mut w = TextWriter::new();
    Printer::new(m, f, options, notes).print(&mut w);
    w.finish()
}

/// What a function is called in messages: `@name`.
pub fn function_name(m: &Module, id: FuncId) -> String {
    match m.functions.get(id) {
        Some(f) if is_name(&f.name) => format!("@{}", f.name),
        Some(f) => format!("@{}", Quoted(&f.name)),
        None => format!("@?{}", id.index()),
    }
}

/// A scalar constant, as it stands behind its type.
pub fn constant(c: Const) -> String {
    let bits = match c.ty.bytes() {
        8 => c.bits,
        n => c.bits & ((1 << (8 * n)) - 1),
    };
    // Bits that no value of the type has are kept, for the verifier to find.
    if bits != c.bits || (c.ty == Scalar::Bool && bits > 1) {
        return format!("{:#x}", c.bits);
    }
    match c.ty.kind() {
        Kind::Bool => (bits == 1).to_string(),
        Kind::Signed | Kind::Unsigned => c.as_int().to_string(),
        Kind::Float => {
            let v = c.as_float();
            let quiet = if c.ty == Scalar::F32 { f32::NAN.to_bits() as u64 } else { f64::NAN.to_bits() };
            match v.is_nan() {
                true if c.bits == quiet => "nan".into(),
                true => format!("{:#x}", c.bits),
                false if c.ty == Scalar::F32 => format!("{:?}", f32::from_bits(c.bits as u32)),
                false => format!("{v:?}"),
            }
        }
    }
}

fn data(w: &mut TextWriter, m: &Module, id: DataId) {
    let table = &m.data[id];
    let name = match data_key(m, id) {
        key if key == table.name => format!("${key}"),
        key => format!("${key} = {}", Quoted(&table.name)),
    };
    let texts: Vec<String> = table.bits.iter().map(|&bits| constant(Const { ty: table.element, bits })).collect();
    if texts.len() <= 8 {
        return w.line(format_args!("data {name}: {} [{}]", table.element, texts.join(", ")));
    }
    w.open(format_args!("data {name}: {} [", table.element));
    for row in texts.chunks(8) {
        w.line(format_args!("{},", row.join(", ")));
    }
    w.close("]");
}

/// The table's name if that names it, else its number.
fn data_key(m: &Module, id: DataId) -> String {
    unique_name(&m.data, id, |t| &t.name)
}

fn unique_name<T>(arena: &Arena<T>, id: Id<T>, name: impl Fn(&T) -> &str) -> String {
    let Some(item) = arena.get(id) else { return format!("?{}", id.index()) };
    let own = name(item);
    let usable = is_name(own) && !own.starts_with(|c: char| c.is_ascii_digit());
    // Tables and classes are few: a search each time is cheap enough.
    if usable && arena.iter().all(|(other, t)| other == id || name(t) != own) {
        own.into()
    } else {
        id.index().to_string()
    }
}

/// Can be written without quotes.
fn is_name(s: &str) -> bool {
    !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$'))
}

fn at(line: &mut String, loc: Option<LocId>) {
    if let Some(loc) = loc {
        let _ = write!(line, " at #{}", loc.index());
    }
}

struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_control() => write!(f, "\\u{{{:x}}}", c as u32)?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

struct Printer<'a> {
    m: &'a Module,
    f: &'a Function,
    options: Options,
    notes: &'a Notes,
    values: IdMap<ValueData, Option<u32>>,
    labels: IdMap<super::Label, Option<u32>>,
    /// Some terminator names the label.
    used: IdMap<super::Label, bool>,
    /// Alias classes as the text names them.
    classes: Vec<String>,
    /// Regions not printed yet: a broken module may hold one twice.
    open: IdMap<super::Region, bool>,
}

impl<'a> Printer<'a> {
    fn new(m: &'a Module, f: &'a Function, options: Options, notes: &'a Notes) -> Self {
        let order = Order::of(f);
        let classes = f.aliases.ids().map(|id| unique_name(&f.aliases, id, |a| &a.name)).collect();
        let (values, labels, used, open) = (IdMap::default(), IdMap::default(), IdMap::default(), IdMap::default());
        let mut p = Printer { m, f, options, notes, values, labels, used, classes, open };
        for (n, &v) in order.values.iter().enumerate() {
            p.values.set(v, Some(n as u32));
        }
        for (n, &l) in order.labels.iter().enumerate() {
            p.labels.set(l, Some(n as u32));
        }
        for &i in &order.insts {
            if let Some(l) = f.insts[i].op.target_label().filter(|l| p.labels[*l].is_some()) {
                p.used.set(l, true);
            }
        }
        for &r in &order.regions {
            p.open.set(r, true);
        }
        p
    }

    fn print(mut self, w: &mut TextWriter) {
        let f = self.f;
        let export = if f.linkage == Linkage::Export { "export " } else { "" };
        let entry = match f.entry {
            Entry::Kernel => "",
            Entry::Packed => "packed ",
            Entry::C => "c ",
        };
        let name = if is_name(&f.name) { f.name.clone() } else { Quoted(&f.name).to_string() };
        let cold = if f.cold { "cold " } else { "" };
        let mut head = format!("{export}{entry}{cold}fn @{name}{}", self.params(f.body));
        self.result_types(&mut head, &f.results);
        w.open(format_args!("{head} {{"));
        self.note(w, None);
        for (id, class) in f.aliases.iter().skip(3) {
            let key = &self.classes[id.index()];
            let name = if *key == class.name { String::new() } else { format!(" = {}", Quoted(&class.name)) };
            w.line(format_args!("alias &{key}{name}{}", if class.constant { " constant" } else { "" }));
        }
        self.region(w, f.body);
        w.close("}");
    }

    fn region(&mut self, w: &mut TextWriter, region: RegionId) {
        if !self.open[region] {
            return w.line(format_args!("; region {} is not here", region.index()));
        }
        self.open.set(region, false);
        for &id in &self.f.regions[region].insts {
            match self.f.insts.get(id) {
                Some(inst) if inst.regions.is_empty() => w.line(self.line(id)),
                Some(_) => self.construct(w, id),
                None => w.line(format_args!("; instruction {} does not exist", id.index())),
            }
            self.note(w, Some(id));
        }
    }

    fn construct(&mut self, w: &mut TextWriter, id: InstId) {
        let inst = &self.f.insts[id];
        w.open(format_args!("{} {{", self.line(id)));
        for (k, &r) in inst.regions.iter().enumerate() {
            match (&inst.op, k) {
                (_, 0) => {}
                (Op::If, _) if self.is_empty_else(r) => continue,
                (Op::If, _) => w.reopen("} else {"),
                (Op::While(_), _) => w.reopen(format_args!("}} do {} {{", self.params(r))),
                (Op::Try(_), _) => w.reopen(format_args!("}} handler {} {{", self.names(self.region_params(r)))),
                _ => w.reopen("} and {"),
            }
            self.region(w, r);
        }
        w.close("}");
    }

    /// A region of `if` that the text leaves out: it only yields nothing.
    fn is_empty_else(&self, region: RegionId) -> bool {
        let Some([id]) = self.f.regions.get(region).map(|r| &r.insts[..]) else { return false };
        let plain = self.f.insts.get(*id).is_some_and(|i| i.op == Op::Yield && i.args.is_empty());
        plain && self.f.inst_locs[*id].is_none_or(|_| !self.options.locs) && !self.notes.contains_key(&Some(*id))
    }

    fn note(&self, w: &mut TextWriter, at: Option<InstId>) {
        for text in self.notes.get(&at).into_iter().flatten() {
            w.line(format_args!("; ^ {text}"));
        }
    }

    /// An instruction up to its regions.
    fn line(&self, id: InstId) -> String {
        let inst = &self.f.insts[id];
        let mut s = String::new();
        if !inst.results.is_empty() {
            s = format!("{} = ", self.list(&inst.results));
        }
        self.op(&mut s, id);
        if self.options.locs {
            at(&mut s, self.f.inst_locs[id]);
        }
        s
    }

    fn op(&self, s: &mut String, id: InstId) {
        let inst = &self.f.insts[id];
        let args = &inst.args[..];
        match &inst.op {
            Op::If => {
                self.plain(s, "if", args);
                self.result_types(s, &self.types(&inst.results));
            }
            Op::Block(l) | Op::Try(l) => {
                self.plain(s, &format!("{}{}", inst.op.name(), self.define(*l)), args);
                self.result_types(s, &self.types(&inst.results));
            }
            Op::For(l) | Op::VFor(l) | Op::While(l) | Op::Loop(l) => {
                *s += &format!("{}{}", inst.op.name(), self.define(*l));
                self.carried(s, id);
            }
            Op::Vector(VectorOp::Lanes) => {
                *s += "vec.lanes ";
                self.region_args(s, id);
            }
            Op::Array(ArrayOp::Map(dtype, site)) => {
                *s += &format!("array.map {dtype} ");
                self.region_args(s, id);
                *s += &self.site(*site);
            }
            Op::Break(l) | Op::Continue(l) | Op::Again(l) => {
                self.plain(s, &format!("{} {}", inst.op.name(), self.label(*l)), args)
            }
            Op::Raise(l, site) => {
                let to = l.map(|l| format!(" {}", self.label(l))).unwrap_or_default();
                self.plain(s, &format!("raise{to}"), args);
                *s += &self.site(*site);
            }
            Op::Reraise(l) => {
                let to = l.map(|l| format!(" {}", self.label(l))).unwrap_or_default();
                self.plain(s, &format!("reraise{to}"), args);
            }
            Op::Call(f) => *s += &format!("call {}({})", function_name(self.m, *f), self.list(args)),
            Op::CallImport(i) => *s += &format!("call_import @{}({})", i.symbol(), self.list(args)),
            Op::Array(a) => self.array(s, a, args),
            Op::Vector(v) => self.vector(s, v, args),
            op => self.scalar(s, op, args),
        }
    }

    /// Ops on scalars and memory.
    fn scalar(&self, s: &mut String, op: &Op, args: &[ValueId]) {
        let name = op.name();
        match op {
            Op::Const(c) => {
                *s += &format!("{} {}", c.ty, constant(*c));
                self.rest(s, args);
            }
            Op::Convert(to) | Op::Bitcast(to) => {
                self.plain(s, &name, args);
                *s += &format!(" to {to}");
            }
            Op::SiteMatches(e) => self.plain(s, &format!("{name} {}", e.name()), args),
            Op::Load(a) | Op::Store(a) => self.access(s, &name, a, "", args),
            Op::DataAddr(d) => self.plain(s, &format!("{name} ${}", data_key(self.m, *d)), args),
            Op::StackSlot(bytes) => self.plain(s, &format!("{name} {bytes}"), args),
            Op::Checked(_, site) | Op::Check(site) | Op::StackCheck(site) | Op::Buffer(BufferOp::Alloc(site)) => {
                self.plain(s, &name, args);
                *s += &self.site(*site);
            }
            _ => self.plain(s, &name, args),
        }
    }

    fn vector(&self, s: &mut String, op: &VectorOp, args: &[ValueId]) {
        let name = Op::Vector(*op).name();
        match op {
            VectorOp::Load(a) | VectorOp::Store(a) | VectorOp::Gather(a) | VectorOp::Scatter(a) => {
                self.access(s, &name, a, "", args)
            }
            VectorOp::PackStore(a) => self.access(s, &name, a, "", args),
            VectorOp::PackLoad(a, n) => self.access(s, &name, a, &format!(" x {n}"), args),
            VectorOp::PackSplat(n) => self.plain(s, &format!("{name} {n}"), args),
            VectorOp::Extract(k) | VectorOp::Insert(k) => self.subscript(s, &name, *k, args),
            VectorOp::LaneCount
            | VectorOp::LaneIndex
            | VectorOp::Splat
            | VectorOp::Any
            | VectorOp::All
            | VectorOp::Reduce(_)
            | VectorOp::Lanes => self.plain(s, &name, args),
        }
    }

    fn array(&self, s: &mut String, op: &ArrayOp, args: &[ValueId]) {
        let name = Op::Array(op.clone()).name();
        match op {
            ArrayOp::Make(ty, class) => self.plain(s, &format!("{name} {ty}{}", self.class(*class)), args),
            ArrayOp::Alloc(ty, site) => {
                self.plain(s, &format!("{name} {ty}"), args);
                *s += &self.site(*site);
            }
            ArrayOp::Dim(k) | ArrayOp::Stride(k) => self.subscript(s, &name, *k, args),
            ArrayOp::View(specs) => self.view(s, specs, args),
            ArrayOp::Permute(axes) => {
                self.plain(s, &name, args);
                *s += &format!(" {axes:?}");
            }
            ArrayOp::Forget(ty) => {
                self.plain(s, &name, args);
                *s += &format!(" to {ty}");
            }
            ArrayOp::Assign(site) | ArrayOp::Reduce(_, site) | ArrayOp::Map(_, site) => {
                self.plain(s, &name, args);
                *s += &self.site(*site);
            }
            ArrayOp::Data | ArrayOp::Get | ArrayOp::Set | ArrayOp::Escape => self.plain(s, &name, args),
        }
    }

    /// `array.view %a [keep, index %i, slice (%start, %step, %len), new]`
    fn view(&self, s: &mut String, specs: &[AxisSpec], args: &[ValueId]) {
        let (array, mut rest) = args.split_at(args.len().min(1));
        self.plain(s, "array.view", array);
        let mut axes = Vec::new();
        for spec in specs {
            let (own, after) = rest.split_at(rest.len().min(spec.operands()));
            rest = after;
            axes.push(match spec {
                AxisSpec::Keep => "keep".to_string(),
                AxisSpec::NewAxis => "new".to_string(),
                AxisSpec::Index => format!("index {}", self.list(own)),
                AxisSpec::Slice => format!("slice {}", self.names(own)),
            });
        }
        *s += &format!(" [{}]", axes.join(", "));
        self.rest(s, rest);
    }

    /// `load f64 &x [%base + %index * 8 + 16], ...`
    fn access(&self, s: &mut String, name: &str, a: &Access, count: &str, args: &[ValueId]) {
        let operand = |k: usize| args.get(k).map_or("%?".into(), |&v| self.value(v));
        *s += &format!("{name} {}{count}{}", a.element, self.class(a.class));
        *s += &format!(" [{} + {} * {}", operand(0), operand(1), a.scale);
        match a.offset {
            0 => {}
            n if n > 0 => *s += &format!(" + {n}"),
            n => *s += &format!(" - {}", n.unsigned_abs()),
        }
        s.push(']');
        self.rest(s, args.get(2..).unwrap_or(&[]));
    }

    /// `pack.extract %p[3]`, `array.dim %a[0]`
    fn subscript(&self, s: &mut String, name: &str, k: u8, args: &[ValueId]) {
        let (first, rest) = args.split_at(args.len().min(1));
        *s += &format!("{name} {}[{k}]", self.list(first));
        self.rest(s, rest);
    }

    /// ` ^0 %i = %lo to %hi step %step, %x: f64 = %init`
    fn carried(&self, s: &mut String, id: InstId) {
        let inst = &self.f.insts[id];
        let params = inst.regions.first().map_or(&[][..], |&r| self.region_params(r));
        let bounds = match inst.op {
            Op::For(_) => 3,
            Op::VFor(_) => 2,
            _ => 0,
        };
        let mut parts = Vec::new();
        let (counter, params) = params.split_at(params.len().min((bounds > 0) as usize));
        let (limits, init) = inst.args.split_at(inst.args.len().min(bounds));
        if bounds > 0 {
            let words = ["=", "to", "step"].into_iter().zip(limits);
            let range: Vec<String> = words.map(|(word, &v)| format!("{word} {}", self.value(v))).collect();
            parts.push(format!("{} {}", self.list(counter), range.join(" ")));
        }
        for k in 0..init.len().max(params.len()) {
            let param = params.get(k).map_or("%?".into(), |&p| self.typed(p));
            let init = init.get(k).map_or("%?".into(), |&v| self.value(v));
            parts.push(format!("{param} = {init}"));
        }
        if !parts.is_empty() {
            *s += &format!(" {}", parts.join(", "));
        }
    }

    /// `(%a: f64 = %x, %b: f64 = %y)`: what the region's parameters stand for.
    fn region_args(&self, s: &mut String, id: InstId) {
        let inst = &self.f.insts[id];
        let params = inst.regions.first().map_or(&[][..], |&r| self.region_params(r));
        let parts: Vec<String> = (0..params.len().max(inst.args.len()))
            .map(|k| {
                let param = params.get(k).map_or("%?".into(), |&p| self.typed(p));
                format!("{param} = {}", inst.args.get(k).map_or("%?".into(), |&v| self.value(v)))
            })
            .collect();
        *s += &format!("({})", parts.join(", "));
    }

    fn plain(&self, s: &mut String, name: &str, args: &[ValueId]) {
        *s += name;
        if !args.is_empty() {
            *s += &format!(" {}", self.list(args));
        }
    }

    fn rest(&self, s: &mut String, args: &[ValueId]) {
        for &v in args {
            *s += &format!(", {}", self.value(v));
        }
    }

    fn value(&self, v: ValueId) -> String {
        match self.values[v] {
            Some(n) => format!("%{n}"),
            None => format!("%?{}", v.index()),
        }
    }

    fn list(&self, values: &[ValueId]) -> String {
        values.iter().map(|&v| self.value(v)).collect::<Vec<_>>().join(", ")
    }

    fn names(&self, values: &[ValueId]) -> String {
        format!("({})", self.list(values))
    }

    fn typed(&self, v: ValueId) -> String {
        match self.f.values.get(v) {
            Some(data) => format!("{}: {}", self.value(v), data.ty),
            None => self.value(v),
        }
    }

    fn types(&self, values: &[ValueId]) -> Vec<Type> {
        values.iter().filter_map(|&v| self.f.values.get(v)).map(|v| v.ty).collect()
    }

    fn region_params(&self, region: RegionId) -> &'a [ValueId] {
        self.f.regions.get(region).map_or(&[], |r| &r.params)
    }

    fn params(&self, region: RegionId) -> String {
        let params = self.region_params(region);
        format!("({})", params.iter().map(|&p| self.typed(p)).collect::<Vec<_>>().join(", "))
    }

    fn result_types(&self, s: &mut String, types: &[Type]) {
        if !types.is_empty() {
            *s += &format!(" -> {}", super::typing::list(types));
        }
    }

    fn site(&self, site: SiteId) -> String {
        match self.m.sites.get(site) {
            Some(_) => format!(" !{}", site.index()),
            None => format!(" !?{}", site.index()),
        }
    }

    /// ` &x`, or nothing for the class of pointers of unknown origin.
    fn class(&self, class: AliasId) -> String {
        match self.classes.get(class.index()) {
            _ if class == AliasClass::ANY => String::new(),
            Some(name) => format!(" &{name}"),
            None => format!(" &?{}", class.index()),
        }
    }

    fn label(&self, l: LabelId) -> String {
        match self.labels[l] {
            Some(n) => format!("^{n}"),
            None => format!("^?{}", l.index()),
        }
    }

    /// The label of a construct, if some terminator names it.
    fn define(&self, l: LabelId) -> String {
        if self.used[l] || self.labels[l].is_none() { format!(" {}", self.label(l)) } else { String::new() }
    }
}
