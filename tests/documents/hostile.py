"""What somebody could write into a text field, hoping that a template forgets to escape it.

`{http}` is a server that must not be asked, `{file}` a file that must not be read.
"""

import base64

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


def as_data(markup: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(markup.encode()).decode()


VECTORS = {
    "attachment": '<link rel="attachment" href="{file}">',
    "attachment on a link": '<a rel="attachment" href="{file}">x</a>',
    "stylesheet": '<link rel="stylesheet" href="{http}/a.css">',
    "import": "<style>@import url({http}/b.css);</style>",
    "font": "<style>@font-face{{font-family:f;src:url({http}/c.woff)}}</style>"
    '<p style="font-family:f">x</p>',
    "background": '<p style="background:url({http}/d.png)">x</p>',
    "list image": '<ul style="list-style-image:url({http}/e.png)"><li>x</ul>',
    "border image": '<p style="border:1px solid;border-image:url({http}/f.png) 1">x</p>',
    "content": "<style>p::before{{content:url({http}/g.png)}}</style><p>x</p>",
    "attr": '<style>p::before{{content:url(attr(title))}}</style><p title="{http}/h.png">x</p>',
    "image": '<img src="{http}/i.png">',
    "image of a file": '<img src="{file}">',
    "redirect": '<img src="{http}/redirect">',
    "eps": '<img src="{http}/j.eps">',
    "compressed": '<img src="{http}/gzip">',
    "without a scheme": '<img src="//{host}/k.png">',
    "object": '<object data="{http}/l.png"></object>',
    "embed": '<embed src="{http}/m.png">',
    "frame": '<iframe src="{http}/n.html"></iframe>',
    "svg image": SVG + '<image xlink:href="{http}/o.png" width="9" height="9"/></svg>',
    "svg use": SVG + '<use xlink:href="{http}/p.svg#x"/></svg>',
    "svg style": SVG + "<style>@import url({http}/q.css);</style><rect/></svg>",
    "svg in data": '<img src="{nested}">',
    "base": '<base href="{http}/"><img src="r.png">',
    "refresh": '<meta http-equiv="refresh" content="0;url={http}/s">',
    "metadata": '<link rel="xmp" href="{file}"><meta name="author" content="x">',
    "script address": '<a href="javascript:app.alert(1)">x</a>',
    "file address": '<a href="{file}">x</a>',
    "outside address": '<a href="{http}/t">x</a>',
    "form": '<form action="{http}/u"><input name="a" value="b"></form>',
    "script": "<script>fetch('{http}/v')</script>",
    "hints": '<body background="{http}/w.png"><table background="{http}/x.png">',
}


def vectors(http: str, file: str) -> dict[str, str]:
    """The vectors, aimed at this server and this file."""
    nested = as_data(SVG + f'<image xlink:href="{http}/y.png" width="9" height="9"/></svg>')
    host = http.removeprefix("http://")
    return {
        name: text.format(http=http, file=file, host=host, nested=nested)
        for name, text in VECTORS.items()
    }
