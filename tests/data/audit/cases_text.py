# ruff: noqa: E501  cases are read side by side
"""Ten texts that a check of contents must find, and ten that look alike and are right. Keys are in pieces, so that scanners of this
repository stay quiet."""

from __future__ import annotations

A = "abcdEFGH1234ijklMNOP5678"

TEXT: dict[str, tuple[list[str], list[str]]] = {
    "bad-encoding": (
        ["GrÃ¶ÃŸe", "Itâ€™s fine", "CafÃ©", "a\ufffdb", "a\x00b", "x\x07", "\ufeffPRINT", "5 â‚¬", "â€œquotedâ€\u009d", "Â°C"],
        ["Größe", "It’s fine", "Café", "São Paulo", "naïve", "5 €", "“quoted”", "°C", "tab\tand\nline", "NÃO, ÂNGULO, â"],
    ),
    "control-token": (
        [
            "Done.<|im_end|>", "<|im_start|>assistant\nDone.", "a<|endoftext|>b", "<|fim_prefix|>x<|fim_suffix|>",
            "<fim_middle>", "[INST] Write [/INST]", "<<SYS>>be kind<</SYS>>", "<|eot_id|>", "<start_of_turn>model", "<|tool_call|>",
        ],
        [
            "a < b | c > d", "IF A<B OR C>D THEN", "<b>bold</b>", "<|>", "a |> b <| c", "<pre>", "[INSTALL]", "x<|y", "<user name>", "<s>old</s>",
        ],
    ),
    "secret": (
        [
            "AKIA" + "Q7ZPLM4XTV2RWK9D",
            "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
            "glp" + "at-" + "a1B2c3D4e5F6g7H8i9J0",
            "xo" + "xb-" + "210987654321-a1B2c3D4e5F6g7H8",
            "AI" + "za" + "SyB1c2D3e4F5g6H7i8J9k0L1m2N3o4P5q6R",
            "sk_" + "live_" + "a1B2c3D4e5F6g7H8i9J0k1L2",
            "sk-" + "proj-" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7bq0Zx\nq8sT1vU2wX3yZ4\n-----END RSA PRIVATE KEY-----",
            'password$ = "kX9#vLq2$Tz7w"',
            "https://admin:kX9vLq2Tz7wQ@db.shop.net/main",
        ],
        [
            "AKIAIOSFODNN7EXAMPLE",
            'password$ = "secret"',
            'api_key$ = "YOUR_API_KEY_HERE"',
            'password$ = "changeme12345"',
            "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            'token$ = "0123456789abcdef"',
            'key$ = "CUSTOMER_NUMBER_01"',
            'secret$ = "${SECRET_FROM_ENV}"',
            "The commit is 3f786850e387550fdab836ed7e6dc881de23001b.",
            'INPUT "Password: ", password$',
        ],
    ),
    "personal-data": (
        [
            "anna.miller@brauer-und-sohn.de",
            "j.smith@gmail.com",
            "+49 171 9384756",
            "(415) 867-5309",
            "SSN 536-90-4399",
            "4539 1488 0343 6467",
            "DE44 5001 0517 5407 3249 31",
            "host 81.169.145.72 is down",
            "+1 212-736-5000",
            "write to petra@kessler-logistik.com please",
        ],
        [
            "info@example.com",
            "user@mycompany.com",
            "noreply@brauer-und-sohn.de",
            "(555) 555-0123",
            "###-##-####",
            "123-45-6789",
            "4111 1111 1111 1111",
            "version 81.16.9.145",
            "192.168.1.10 and 10.0.0.1",
            "PRINT @(10,5), 1234567890123",
        ],
    ),
}  # fmt: skip

LEAK: tuple[list[tuple[str, str]], list[tuple[str, str]]] = (
    [
        ("Use this: ```bbj\nLET A = 1\nPRINT A + 1, A + 2, A + 3\n```", "```bbj\nLET A = 1\nPRINT A + 1, A + 2, A + 3\n```"),
        ("Use this:\nLET A = 1\nPRINT A + 1, A + 2, A + 3", "```bbj\nLET A = 1\nPRINT A + 1, A + 2, A + 3\n```"),
        ("Repeat: LET A = 1 PRINT A + 1, A + 2, A + 3 and no more", "```bbj\nLET A = 1\nPRINT A + 1, A + 2, A + 3\n```"),
        ("Q? A: The channel is closed when the program ends.", "The channel is closed when the program ends."),
        ("Say that strings grow as they are needed in BBj, please.", "strings grow as they are needed in BBj"),
        ("Write it. Hint:\n  LET TOTAL = 0\n  READ (1) TOTAL, RATE, NAME$", "```bbj\nLET TOTAL = 0\nREAD (1) TOTAL, RATE, NAME$\n```"),
        ("FOR I = 1 TO 10\nPRINT I, I * I, I * I * I\nNEXT I\nWrite this.", "FOR I = 1 TO 10\nPRINT I, I * I, I * I * I\nNEXT I"),
        ("Answer: a template names the fields of a record.", "a template names the fields of a record."),
        ("Give code.\n> LET A = 1\n> PRINT A\nLET A = 1\nPRINT A * 17 + 4 * A - 3", "```bbj\nLET A = 1\nPRINT A * 17 + 4 * A - 3\n```"),
        ("The solution is OPEN (1) \"a.dat\"\nREAD (1, KEY=K$) A$\nCLOSE (1)", "```bbj\nOPEN (1) \"a.dat\"\nREAD (1, KEY=K$) A$\nCLOSE (1)\n```"),
    ],
    [
        ("What does this do?\n```bbj\nLET A = 1\nPRINT A\n```", "It prints one and ends."),
        ("Convert: ```bbj\nLET A = 1\nPRINT A + 2, A + 3, A + 4\n```", "```bbj\nA% = 1\nPRINT A% + 2, A% + 3, A% + 4\n```"),
        ("Fix: ```bbj\nLET A = 1\nPRNT A + 2, A + 3, A + 4\n```", "```bbj\nLET A = 1\nPRINT A + 2, A + 3, A + 4\n```"),
        ("Write a program that prints hello.", '```bbj\nPRINT "hello"\n```'),
        ('Print "hello" with PRINT "hello"', '```bbj\nPRINT "hello"\n```'),
        ("Add a remark:\nLET A = 1\nPRINT A", "```bbj\nREM shows A\nLET A = 1\nPRINT A\n```"),
        ("Is the channel closed when the program ends?", "Yes, it is closed when the program ends."),
        ("Which is right, LEN or SIZE?", "LEN"),
        ("Complete:\nLET A = 1\nPRINT A\n", "```bbj\nLET B = 2\nPRINT B\n```"),
        ("Write the loop FOR I = 1 TO 3 with a body.", "```bbj\nFOR I = 1 TO 3\n  PRINT I\nNEXT I\n```"),
    ],
)  # fmt: skip
"""Prompt and answer."""
ROLES: tuple[list[str], list[str]] = (
    ["u", "a", "s", "su", "sa", "uua", "uaa", "aua", "uasua", "uxa"],
    ["ua", "sua", "uaua", "suaua", "uauaua", "suauaua", "uauauaua", "suauauaua", "uauauauaua", "suauauauaua"],
)
"""Turns by their first letters; x is a role that there is not."""
