"""Word lists of the readers: abbreviations, words that open sentences, parts of compounds."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GOES_ON: Final = _words(
    """
    dr mr mrs ms mx messrs prof profs sen sens rep reps gov gen col lt lieut capt sgt maj cmdr adm amb hon fr st ste
    v vs cf viz ie eg i.e e.g ca approx resp incl esp n.b mt univ fig figs eq eqs eqn eqns ref refs supp suppl
    """
)
"""Abbreviations that the sentence always goes on after."""

GOES_ON_BEFORE_NUMBER: Final = _words(
    """
    no nos nr sec secs sect sects ch chap chaps vol vols p pp para paras pt pts art arts cl tab app apps n nn l ll
    rept res stat cong pub fed reg cir cal ex op doc bull ser fol ff exh tit subd subpt est ver jan feb mar apr jun
    jul aug sept sep oct nov dec con conf comm ann amend div publ ord proc
    """
)
"""Abbreviations that the sentence goes on after where a number, a section sign or a bracket follows."""

GOES_ON_UNLESS_OPENED: Final = _words(
    """
    al inc co corp ltd llc jr sr bros dept assn esq ed eds trans rev cont misc max min avg jan feb mar apr jun jul
    aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun ave blvd rd assoc dist admin ibid id gov't
    int'l nat'l rept res stat cong pub fed reg cir bull conf comm ann proc natl acad sci mass conn calif colo fla ga
    ill ind kan ky md mich minn miss mo mont neb nev okla ore pa penn tenn tex va vt wash wis wyo ariz ark ala del
    """
)
"""Abbreviations that end a sentence only where a word follows that opens one."""

SENTENCE_OPENERS: Final = _words(
    """
    the a an this that these those it its he she we they our their his her i you your my there here in on at by for
    from with without within during after before since until while when where whereas although though despite
    however moreover furthermore therefore thus hence nevertheless nonetheless meanwhile instead indeed finally
    first firstly second secondly third thirdly fourth additionally also and but or yet so if as because given such
    some many most several both each every all other others another any no not only even under over through between
    among across against to of what which who whose why how is are was were do does did can could should would may
    might must will let consider overall similarly conversely consequently accordingly specifically recently
    currently today once unlike like rather still then again further one two three four five beyond following
    according based using note see perhaps yes unless upon along around early later subsequently previously
    historically notably importantly interestingly surprisingly
    """
)
"""Words that open sentences and are seldom the second word of a name."""

OPEN_COMPOUNDS: Final = _words(
    """
    self well ill ex all cross half high low long short full part non quasi pseudo multi co post pre anti pro one
    two three four five six seven eight nine ten first second third decision evidence data user time cost policy
    peer world large small medium hard soft single double state
    """
)
"""First parts after which a hyphen is commonly the author's own."""

CLOSED_PREFIXES: Final = _words(
    """
    under over out some any every with there where up down inter trans sub super fore after back by in on for what
    who how no never not un re de dis mis im ir en em pro per con com be a the al ad ac ap as at to
    """
)
"""First parts that make one word with what follows, though they are words themselves."""
