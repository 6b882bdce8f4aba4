// The editor: Python, problems under the text that causes them, types under the pointer, completions.

import { autocompletion } from "@codemirror/autocomplete";
import { indentUnit, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { python } from "@codemirror/lang-python";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, hoverTooltip } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword], class: "tok-keyword" },
  { tag: [tags.string, tags.docString], class: "tok-string" },
  { tag: [tags.number, tags.bool, tags.null], class: "tok-number" },
  { tag: tags.comment, class: "tok-comment" },
  { tag: tags.function(tags.definition(tags.variableName)), class: "tok-definition" },
]);

const mark = StateEffect.define();
const markedLine = Decoration.line({ class: "cm-raised" });
const marked = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    let lines = value.map(transaction.changes);
    for (const effect of transaction.effects.filter((e) => e.is(mark))) {
      const exists = effect.value > 0 && effect.value <= transaction.state.doc.lines;
      lines = exists ? Decoration.set([markedLine.range(transaction.state.doc.line(effect.value).from)]) : Decoration.none;
    }
    return lines;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Offsets of a range as the compiler gives it. */
function place(doc, range) {
  const offset = (line, column) => {
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    return Math.min(at.from + column, at.to);
  };
  return { from: offset(range.line, range.utf16), to: offset(range.end_line, range.end_utf16) };
}

export function createEditor(parent, { onChange, hover, complete }) {
  const types = hoverTooltip(async (view, at) => {
    const found = await hover(view.state.doc.toString(), at);
    if (!found) {
      return null;
    }
    const { from, to } = place(view.state.doc, found.at);
    return {
      pos: from,
      end: to,
      create() {
        const dom = document.createElement("div");
        dom.className = "cm-type";
        dom.textContent = found.types.join("\n");
        return { dom };
      },
    };
  }, { hoverTime: 150 });
  const completions = async (context) => {
    if (!context.explicit && !context.matchBefore(/[\w.]+/)) {
      return null;
    }
    const answer = await complete(context.state.doc.toString(), context.pos);
    return answer ? { from: answer.from, options: answer.options, validFor: /^\w*$/ } : null;
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        basicSetup, python(), indentUnit.of("    "), syntaxHighlighting(colours), lintGutter(), marked, types,
        autocompletion({ override: [completions] }),
        EditorView.contentAttributes.of({ "aria-label": "Python source of the kernel", tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
      ],
    }),
  });
  return {
    view,
    get text() {
      return view.state.doc.toString();
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, effects: mark.of(0) });
    },
    markLine: (line) => view.dispatch({ effects: mark.of(line ?? 0) }),
    goTo(range) {
      const { from } = place(view.state.doc, range);
      view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
      view.focus();
    },
    problems(diagnostics) {
      const shown = diagnostics.filter((d) => d.labels.length > 0).map((d) => {
        const { from, to } = place(view.state.doc, d.labels[0]);
        const fix = d.fix && {
          name: d.fix.text === "" ? "Remove it" : `Write ${d.fix.text}`,
          apply(editor) {
            const at = place(editor.state.doc, d.fix);
            editor.dispatch({ changes: { ...at, insert: d.fix.text } });
          },
        };
        return {
          from,
          to: Math.max(to, Math.min(from + 1, view.state.doc.length)),
          severity: d.severity === "note" ? "info" : d.severity,
          message: [d.message, d.help && `help: ${d.help}`].filter(Boolean).join("\n"),
          actions: fix ? [fix] : [],
        };
      });
      view.dispatch(setDiagnostics(view.state, shown));
    },
  };
}
