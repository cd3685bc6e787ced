"""Which generation of BBj a program belongs to: what it says itself, from the newest sign to the oldest.

BBx programs of every generation run in BBj, so a program belongs to the newest generation that it needs. What needs none (loops,
strings, files, classes) is `all`.
"""

from __future__ import annotations

import re
from typing import Final

ALL: Final = "all"
GENERATIONS: Final = (ALL, "character", "vpro5", "bbj-gui", "dwc")

_SIGNS: Final = (
    (
        "dwc",
        r"\.(?:getWebManager|getWebAppUtil|getBuiManager|getBuiAppServer|inject\w+|setTheme|getTheme"
        r"|setAttribute|getAttribute|removeAttribute|setProperty|getProperty|addClass|removeClass|executeAsyncScript|executeScript"
        r"|setStyle|setPanelStyle|unsetStyle|isDwc|getClientType)\s*\("
        r"|\bBBj(?:WebManager|WebEvent\w*|Flex\w*|NavigatorApp\w*|Bui\w*)\b|\binfo\s*\(\s*3\s*,\s*6\s*\)",
    ),
    (
        "bbj-gui",
        r"\.getSysGui\s*\(|\bBBj(?:SysGui|Window|TopLevelWindow|ChildWindow|Control|Button|EditBox|ListBox|Grid|StaticText|Menu\w*)\b"
        r"|\b(?:inputbox|fileopen|filesave|colorchooser|fontchooser)\s*\(|\bsysgui!|\bcallback\s*\(|\bprocess_events\b"
        r"|\.(?:add(?:Window|Button|StaticText|EditBox|ListBox|ListButton|ListEdit|CheckBox|RadioButton|Grid|Tab\w*|Tree|Image\w*"
        r"|ChildWindow|ProgressBar|MenuBar|InputE\w?|Spinner\w*)|setCallback|setText|getText|getControl|focus|setVisible"
        r"|setEnabled)\s*\(",
    ),
    (
        "vpro5",
        r"\bsendmsg\s*\(|\bctrl\s*\(|\bresopen\b|\bsysgui\b|\bread_resource\b|\"X0\"|\bev\w*\.code\$"
        r"|'(?:WINDOW|BUTTON|EDIT|LISTBOX|LISTADD|LISTBUTTON|STATIC|CHECK|CHECKBOX|RADIO|FRAME|CONTEXT|TITLE|ENABLE|DISABLE|SHOW|HIDE|FOCUS|MENU"
        r"|DESTROY|FILL|RECT|LINE|CIRCLE|PEN\w*|BRUSH\w*|TEXT|CBOX|LBOX|OBTN|GROUP|SETTEXT|TXAPPEND|DIALOG)'",
    ),
    (
        "character",
        r"@\s*\(|'(?:CS|CE|CL|CR|LF|LD|LI|RB|BR|ER|SB|SF|BU|EU|BI|EI|BO|EO|CF|CH|FF|ESC|FL|EM|PS|PE|ES|EE|CI|EG|BG|GS|GE|BB|EB"
        r"|DOWN|UP|LEFT|RIGHT|BOX|POP|PUSH|DROP|SWAP|CURSOR|SP|EP|LP|CP|BM|EL|GOTO|SL|HT|VT|BJ|EJ|BS|L[0-9]|WINDOW|SWITCH)'"
        r"|(?m:^\s*\d+\s+\S)|\bsetopts\b|\bsetterm\b|\bcin\b",
    ),
)
_COMPILED: Final = tuple((name, re.compile(signs, re.IGNORECASE)) for name, signs in _SIGNS)


def dialect_of(bare: str) -> str:
    """The generation of a program that is given without its comments."""
    return next((name for name, signs in _COMPILED if signs.search(bare)), ALL)
