//! Options in comments: `# gelcap: boundscheck=False`, `# cython: boundscheck=False, wraparound=False`.
//!
//! A comment within a function (or on its `def` line) is for that function, any other for the whole file.

use super::lexical::Comment;
use super::pure_cython::{self, Directive};
use super::syntax::{Function, Module};
use crate::diag::{Code, Diagnostic, Sink, SourceFile, SourceMap, Span};
use crate::options::KernelOptions;

/// The options of a kernel, as the decorators and the command line name them too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OptionName {
    Boundscheck,
    Wraparound,
    Overflow,
    Fastmath,
    Cache,
    Parallel,
    Nogil,
    Interruptible,
}

impl OptionName {
    pub const ALL: [OptionName; 8] = [
        OptionName::Boundscheck,
        OptionName::Wraparound,
        OptionName::Overflow,
        OptionName::Fastmath,
        OptionName::Cache,
        OptionName::Parallel,
        OptionName::Nogil,
        OptionName::Interruptible,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            OptionName::Boundscheck => "boundscheck",
            OptionName::Wraparound => "wraparound",
            OptionName::Overflow => "overflow",
            OptionName::Fastmath => "fastmath",
            OptionName::Cache => "cache",
            OptionName::Parallel => "parallel",
            OptionName::Nogil => "nogil",
            OptionName::Interruptible => "interruptible",
        }
    }

    pub fn from_name(name: &str) -> Option<OptionName> {
        OptionName::ALL.into_iter().find(|option| option.name() == name)
    }
}

/// What an option is set to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OptionValue {
    Bool(bool),
    /// `fastmath={"reassoc", "contract"}`; `True` is both.
    Fastmath {
        reassoc: bool,
        contract: bool,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OptionSetting {
    pub name: OptionName,
    pub value: OptionValue,
    /// `name=value` in the comment.
    pub span: Span,
}

/// The settings of one comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OptionComment {
    pub settings: Vec<OptionSetting>,
    /// The top-level function it stands in; `None` if it is for the whole file.
    pub function: Option<String>,
    pub span: Span,
}

/// Reads all option comments of a text.
pub fn read(sources: &SourceMap, comments: &[Comment], module: &Module, sink: &mut Sink) -> Vec<OptionComment> {
    let mut found = Vec::new();
    let functions: Vec<&Function> = module.functions().collect();
    for comment in comments {
        let text = sources.text(comment.span);
        let Some((cython, body)) = directive(text) else { continue };
        let start = comment.span.start + (text.len() - body.len()) as u32;
        let mut settings = Vec::new();
        for (offset, item) in split_commas(body) {
            let trimmed = item.trim();
            let at = start + (offset + item.len() - item.trim_start().len()) as u32;
            let span = Span::new(comment.span.file, at, at + trimmed.len() as u32);
            match setting(trimmed, cython, span) {
                Ok(setting) => settings.extend(setting),
                Err(diagnostic) => sink.push(*diagnostic),
            }
        }
        // Functions stand in order: only the last one that begins before the comment can hold it.
        let after = functions.partition_point(|function| start_of(function) <= comment.span.start);
        let function = after.checked_sub(1).map(|i| functions[i]).filter(|f| holds(sources, f, comment.span));
        let function = function.map(|function| function.name.text.clone());
        found.push(OptionComment { settings, function, span: comment.span });
    }
    found
}

/// What a directive of Cython is in a comment.
fn directive_named(name: &str, value: &str) -> Option<Directive> {
    pure_cython::directive(name, value == "True")
}

/// The options in a comment, and whether they are Cython's; `None` for other comments.
fn directive(text: &str) -> Option<(bool, &str)> {
    let text = text.trim_start_matches('#').trim_start();
    if let Some(body) = text.strip_prefix("cython:") {
        return Some((true, body));
    }
    let body = text.strip_prefix("gelcap:")?;
    let is_export = body.trim_start().strip_prefix("export").is_some_and(|rest| rest.starts_with([' ', '\t']));
    (!is_export).then_some((false, body))
}

/// Whether a comment that stands behind a function's beginning stands in it; one behind its last statement, on the same line, does too.
fn holds(sources: &SourceMap, function: &Function, comment: Span) -> bool {
    let last_line = |file: &SourceFile| file.line_index(function.span.end) == file.line_index(comment.start);
    comment.start < function.span.end || sources.get(comment.file).is_some_and(last_line)
}

/// Where a function begins, its decorators included.
fn start_of(function: &Function) -> u32 {
    function.decorators.first().map_or(function.span.start, |decorator| decorator.span.start)
}

/// The parts between commas outside braces, with their offsets.
fn split_commas(text: &str) -> Vec<(usize, &str)> {
    let (mut depth, mut start) = (0i32, 0);
    let mut parts = Vec::new();
    for (i, c) in text.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push((start, &text[start..i]));
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push((start, &text[start..]));
    parts
}

fn setting(text: &str, cython: bool, span: Span) -> Result<Option<OptionSetting>, Box<Diagnostic>> {
    let fault =
        |message: String, help: &str| Box::new(Diagnostic::error(Code::OptionComment, span, message).help(help));
    let Some((name, value)) = text.split_once('=') else {
        return Err(fault(format!("`{text}` is not an option"), "write `name=value`, such as `boundscheck=False`"));
    };
    let (name, value) = (name.trim(), value.trim());
    let option = match directive_named(name, value).filter(|_| cython) {
        Some(Directive::Option(option, _)) => Some(option),
        Some(Directive::Harmless) => return Ok(None),
        Some(Directive::Meaning(name)) => return Err(Box::new(pure_cython::no_effect(name, span))),
        None => OptionName::from_name(name),
    };
    let Some(option) = option else {
        let names: Vec<&str> = OptionName::ALL.iter().map(|option| option.name()).collect();
        return Err(fault(format!("there is no option `{name}`"), &format!("the options are {}", names.join(", "))));
    };
    let value = match parse_value(option, value) {
        Some(value) => value,
        None if option == OptionName::Fastmath => {
            let message = format!("`{value}` is no value of `fastmath`");
            return Err(fault(message, "write `True`, `False`, or a set of \"reassoc\" and \"contract\""));
        }
        None => return Err(fault(format!("`{value}` is no value of `{name}`"), "write `True` or `False`")),
    };
    Ok(Some(OptionSetting { name: option, value, span }))
}

/// Sets an option. Those that change no code (`cache`, `parallel`, `nogil` and the like) are accepted and have no effect
/// here; `fastmath` has none either as long as nothing reassociates or contracts.
pub fn apply(options: &mut KernelOptions, name: OptionName, value: &OptionValue) {
    let OptionValue::Bool(flag) = *value else { return };
    match name {
        OptionName::Boundscheck => options.boundscheck = flag || options.untrusted,
        OptionName::Wraparound => options.wraparound = flag,
        OptionName::Overflow => options.overflow = flag,
        OptionName::Fastmath
        | OptionName::Cache
        | OptionName::Parallel
        | OptionName::Nogil
        | OptionName::Interruptible => {}
    }
}

/// The value of an option as Python or the command line writes it.
pub fn parse_value(option: OptionName, text: &str) -> Option<OptionValue> {
    let flag = match text {
        "True" | "true" | "1" | "on" => Some(true),
        "False" | "false" | "0" | "off" => Some(false),
        _ => None,
    };
    if option != OptionName::Fastmath {
        return flag.map(OptionValue::Bool);
    }
    if let Some(all) = flag {
        return Some(OptionValue::Fastmath { reassoc: all, contract: all });
    }
    let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
    let (mut reassoc, mut contract) = (false, false);
    for word in inner.split([',', '+', ' ']).map(|word| word.trim().trim_matches(['"', '\''])).filter(|w| !w.is_empty())
    {
        match word {
            "reassoc" => reassoc = true,
            "contract" => contract = true,
            _ => return None,
        }
    }
    (reassoc || contract).then_some(OptionValue::Fastmath { reassoc, contract })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found = Vec<(Option<String>, Vec<(OptionName, OptionValue)>)>;

    fn read_all(text: &str) -> (Found, Vec<Diagnostic>) {
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("t.py", text));
        let mut sink = Sink::new();
        let parsed = crate::front::parse(&sources, file, &mut sink);
        let plain = |c: OptionComment| (c.function, c.settings.into_iter().map(|s| (s.name, s.value)).collect());
        (parsed.options.into_iter().map(plain).collect(), sink.finish())
    }

    #[test]
    fn options_are_for_the_file_or_for_a_function() {
        let text = "# cython: boundscheck=False, wraparound = False, cdivision=False, language_level=3\n#gelcap: overflow=False\n\
            def f(x):  # gelcap: boundscheck=True\n    return x\n\ndef g(x):\n    # gelcap: fastmath={\"reassoc\", 'contract'}\n    return x\n\
            # gelcap: nogil=True\n";
        let (found, faults) = read_all(text);
        assert_eq!(faults, []);
        let flag = |name, value| vec![(name, OptionValue::Bool(value))];
        let expected = vec![
            (None, [flag(OptionName::Boundscheck, false), flag(OptionName::Wraparound, false)].concat()),
            (None, flag(OptionName::Overflow, false)),
            (Some("f".to_owned()), flag(OptionName::Boundscheck, true)),
            (
                Some("g".to_owned()),
                vec![(OptionName::Fastmath, OptionValue::Fastmath { reassoc: true, contract: true })],
            ),
            (None, flag(OptionName::Nogil, true)),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn directives_that_mean_c_are_said_to_have_no_effect() {
        let (found, faults) = read_all("# cython: cdivision=True, boundscheck=False, cpow=True\n");
        assert_eq!(found, vec![(None, vec![(OptionName::Boundscheck, OptionValue::Bool(false))])]);
        assert!(faults.iter().all(|d| d.code == Code::CythonMeaning && !d.is_error()), "{faults:?}");
        assert_eq!(faults.len(), 2);
    }

    #[test]
    fn what_is_no_option_is_named() {
        let (_, faults) = read_all(
            "# gelcap: boundschek=False, wraparound=maybe, fast\nx = 1 # gelcap is good\n# gelcap: fastmath=nnan\n",
        );
        let messages: Vec<&str> = faults.iter().map(|d| d.message.as_str()).collect();
        let expected = [
            "there is no option `boundschek`",
            "`maybe` is no value of `wraparound`",
            "`fast` is not an option",
            "`nnan` is no value of `fastmath`",
        ];
        assert_eq!(messages, expected);
    }
}
