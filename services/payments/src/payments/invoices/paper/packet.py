"""The metadata by which a reader knows that a PDF holds a Factur-X part (XMP)."""

import io

FILE_NAME = "factur-x.xml"

_PROPERTIES = {
    "DocumentFileName": (FILE_NAME, "The name of the embedded XML document"),
    "DocumentType": ("INVOICE", "The type of the document"),
    "Version": ("1.0", "The version of the standard that the XML document follows"),
    "ConformanceLevel": ("EN 16931", "The profile of the XML document"),
}
_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_VALUES = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _PROPERTIES.items())
_DECLARED = "".join(
    '<rdf:li rdf:parseType="Resource">'
    f"<pdfaProperty:name>{name}</pdfaProperty:name>"
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
    "<pdfaProperty:category>external</pdfaProperty:category>"
    f"<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
    for name, (_, meaning) in _PROPERTIES.items()
)
_DESCRIPTION = f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">{_VALUES}</rdf:Description>'
_SCHEMA = (
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
    f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    f"<pdfaSchema:property><rdf:Seq>{_DECLARED}</rdf:Seq></pdfaSchema:property></rdf:li>"
)
_SCHEMAS = "<pdfaExtension:schemas><rdf:Bag>"
_END = "</rdf:RDF>"


def marked(pdf: bytes) -> bytes:
    """The PDF with the metadata of its Factur-X part; archives ask that they are declared with the others."""
    import pikepdf  # noqa: PLC0415 # loaded by who prints only

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        metadata = opened.Root.Metadata
        packet = metadata.read_bytes().decode()
        for place, more in ((_SCHEMAS, _SCHEMAS + _SCHEMA), (_END, _DESCRIPTION + _END)):
            if packet.count(place) != 1:
                raise ValueError(f"the metadata of the PDF have no {place}")
            packet = packet.replace(place, more)
        metadata.write(packet.encode())
        saved = io.BytesIO()
        opened.save(saved, deterministic_id=True)
    return saved.getvalue()
