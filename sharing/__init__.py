"""Two floors of the house in one package.

`sharing.rules` is the law: dated rules and one pure function, below the casework.
`sharing.disclosures` is the practice: what people do with the law, above the casework.
Casework imports the law; the practice imports casework; never the other way.
"""
