// What Mustang and veraPDF say of PDFs, on one line each: the file, a judge, its verdict, and why. Run by Rhino, which
// is in the validator's jar.
var Foundries = Packages.org.verapdf.pdfa.Foundries;
var Flavour = Packages.org.verapdf.pdfa.flavours.PDFAFlavour;
Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider.initialise();

function accessible(file) {
  var flavour = Flavour.byFlavourId("ua1");
  var parser = Foundries.defaultInstance().createParser(new java.io.File(file), flavour);
  try {
    var result = Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
    return (result.isCompliant() ? "valid" : "invalid") + " " + result.getTestAssertions();
  } finally {
    parser.close();
  }
}

function one_line(text) {
  return String(text).replace(/\s+/g, " ");
}

for (var place = 0; place < arguments.length; place++) {
  var file = arguments[place];
  print(one_line(file + " pdfua " + accessible(file)));
  print(one_line(file + " mustang " + new Packages.org.mustangproject.validator.ZUGFeRDValidator().validate(file)));
}
