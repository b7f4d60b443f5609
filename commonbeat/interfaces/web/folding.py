"""Templates compiled once per language: what cannot change within one is text before the first page is rendered.

Three of four texts on a page are words to translate, addresses without a value and icons. Looking each up for every
page took a fifth of the time of a busy page.
"""

from __future__ import annotations

from typing import Any, cast
from weakref import WeakSet

from django.template import Context, Engine, Template
from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable, VariableNode
from django.template.defaulttags import CommentNode, ForNode, IfNode, LoadNode, URLNode
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader_tags import IncludeNode
from django.template.loaders import cached
from django.templatetags.i18n import LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, get_script_prefix
from django.utils.translation import get_language

_SILENT = (LoadNode, CommentNode)
_PURE = (TextNode, VariableNode, IfNode, ForNode)
"""What renders to the same text from the same values."""


class Loader(cached.Loader):
    """Keeps a template per language, and per prefix of the addresses, with its constant parts rendered."""

    def __init__(self, engine: Engine, loaders: list[Any]) -> None:
        super().__init__(engine, loaders)
        self._folded: WeakSet[Template] = WeakSet()

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        """The key of a template in the language of now."""
        return f"{get_language()}\n{get_script_prefix()}\n{super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        """The template of this name in the language of now; raises TemplateDoesNotExist."""
        template = super().get_template(template_name, skip)
        if template not in self._folded:
            self._folded.add(template)  # first, so that a template which includes itself ends here
            template.nodelist = _Folder(self.engine).fold(template.nodelist)
        return template


class _Anew:
    """The name of a template that is looked up at each rendering, because the language around it changes."""

    def __init__(self, name: FilterExpression, engine: Engine) -> None:
        self._name, self._engine = name, engine

    def resolve(self, context: Context) -> Any:
        name = self._name.resolve(context)
        return self._engine.get_template(name) if isinstance(name, str) else name


class _Folder:
    """Renders what is constant in the templates of one engine, in the language of now."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def fold(self, nodes: NodeList) -> NodeList:
        """The same nodes, with neighbouring constants as one text."""
        made = NodeList()
        for node in nodes:
            text = self._constant(node)
            if text is None:
                made.append(self._named(node) or self._folded_inside(node))
            elif made and isinstance(made[-1], TextNode):
                made[-1] = TextNode(made[-1].s + text)
            else:
                made.append(TextNode(text))
        return made

    def _named(self, node: Node) -> Node | None:
        """What gives a translated text a name, when the text is constant."""
        if not (isinstance(node, TranslateNode) and node.asvar and _is_constant(node)):
            return None
        node.render(context := Context())
        known = _Known(node.asvar, context[node.asvar])
        known.token, known.origin = node.token, node.origin  # where an error page points to
        return known

    def _folded_inside(self, node: Node) -> Node:
        if isinstance(node, LanguageNode):  # its words are in the language that it sets, so they stay as they are
            for include in cast(list[Any], node.nodelist.get_nodes_by_type(IncludeNode)):
                include.template = _Anew(include.template, self._engine)
        elif isinstance(node, IfNode):
            node.conditions_nodelists = [(asked, self.fold(nodes)) for asked, nodes in node.conditions_nodelists]
        else:
            for name in node.child_nodelists:
                if isinstance(inner := getattr(node, name, None), NodeList):
                    setattr(node, name, self.fold(inner))
        return node

    def _constant(self, node: Node) -> str | None:
        """The text that this node always renders to; None when that depends on the page."""
        if isinstance(node, TextNode):
            return str(node.s)
        if isinstance(node, _SILENT):
            return ""
        try:
            if isinstance(node, IncludeNode):
                return self._included(node)
            return str(node.render(Context())) if _is_constant(node) and not getattr(node, "asvar", None) else None
        except (NoReverseMatch, TemplateDoesNotExist, ValueError):  # said when the page is rendered, if it comes so far
            return None

    def _included(self, node: IncludeNode) -> str | None:
        given = node.extra_context
        if not (node.isolated_context and _is_literal(node.template) and all(map(_is_literal, given.values()))):
            return None
        template = self._engine.get_template(node.template.resolve(Context()))
        if not all(isinstance(inner, _PURE) for inner in template.nodelist.get_nodes_by_type(Node)):
            return None
        return str(template.render(Context({name: value.resolve(Context()) for name, value in given.items()})))


class _Known(Node):
    """Gives a name to a text that is known already."""

    child_nodelists = ()

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text

    def render(self, context: Context) -> str:
        context[self._name] = self._text
        return ""


def _is_constant(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        return node.message_context is None and _is_literal(node.filter_expression)
    if isinstance(node, StaticNode):
        return node.varname is None and _is_literal(node.path)
    if isinstance(node, URLNode):
        return not (node.args or node.kwargs) and _is_literal(node.view_name)
    return False


def _is_literal(value: Any) -> bool:
    """Whether an expression of a template is one text, number or translated text without filters."""
    if not isinstance(value, FilterExpression) or value.filters:
        return False
    return not isinstance(value.var, Variable) or value.var.lookups is None
