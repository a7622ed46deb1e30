import Base
import Benchmarks
import TestMachines
import TestSupport
import Testing

@Suite struct CanonicalJSONTests {
  /// Numbers of RFC 8785, appendix B, and their neighbours.
  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (.leastNonzeroMagnitude, "5e-324"),
    (-.leastNonzeroMagnitude, "-5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"), (9007199254740992, "9007199254740992"),
    (2.9514790517935283e20, "295147905179352830000"),
    (9.999999999999997e22, "9.999999999999997e+22"),
    (1e23, "1e+23"), (9.999999999999997e20, "999999999999999700000"), (1e21, "1e+21"),
    (9.999999999999997e-7, "9.999999999999997e-7"), (0.000001, "0.000001"),
    (333333333.3333332, "333333333.3333332"),
    (-0.0000033333333333333333, "-0.0000033333333333333333"),
    (1424953923781206.2, "1424953923781206.2"), (0.1, "0.1"), (12, "12"), (1.5e-9, "1.5e-9"),
    (123456.5, "123456.5"), (1e16, "10000000000000000"),
  ])
  func `numbers are as RFC 8785 has them`(_ number: Double, _ text: String) {
    #expect(CanonicalJSON.number(number) == text)
  }

  @Test func `keys are sorted by UTF-16, and texts escaped as RFC 8785 says`() throws {
    // Appendix of RFC 8785, 3.2.3: an emoji has a surrogate, which comes before U+FB33.
    let value = [
      "\u{20ac}": "a", "\r": "b\n\u{1}\"\\/", "\u{fb33}": "c", "1": "d", "😀": "e", "ö": "f",
    ]
    #expect(
      try CanonicalJSON.text(value)
        == "{\"\\r\":\"b\\n\\u0001\\\"\\\\/\",\"1\":\"d\",\"ö\":\"f\",\"€\":\"a\",\"😀\":\"e\","
        + "\"\u{fb33}\":\"c\"}")
  }
}

@Suite struct BenchmarkCardTests {
  @Test func `a card reads back as it was written, and the same run makes the same text`() throws {
    let card = BenchmarkCard(BenchmarkRuns.box())
    let text = try card.text()
    #expect(try BenchmarkCard(text: Array(text.utf8)) == card)
    #expect(try BenchmarkCard(BenchmarkRuns.box()).text() == text)
    #expect(text.hasPrefix("{\"figures\":[{"))
    #expect(text.contains("\"schema\":\"tinybox.benchmark-card/1\""))
    #expect(card.figures.count == 37)
    #expect(card.withoutFigure == ["invalid": 1, "skipped": 1, "failed": 1, "notApplicable": 6])
  }

  @Test func `numbers have 6 digits`() throws {
    var run = BenchmarkRuns.empty()
    for value in [25.4123456789e9, 98.76543219e-9, 1.0 / 3, 999_999.6, 123_456.7, -2.5, 1e300] {
      run.results.append(
        BenchmarkRuns.result(BenchmarkRuns.device("gpu", "x\(value)", "y"), value))
    }
    let values = BenchmarkCard(run).figures.map { CanonicalJSON.number($0.value) }
    #expect(
      values == [
        "25412300000", "9.87654e-8", "0.333333", "1000000", "123457", "-2.5", "1e+300",
      ])
  }

  @Test func `a card does not say which box it is of`() throws {
    var run = BenchmarkRuns.box()
    run.results[0].series.subject = "drive S6Z1NJ0W123 of box-17"
    run.results[0].details = ["commandLine": "fio --filename=/home/someone"]
    let text = try BenchmarkCard(run, hiding: ["S6Z1NJ0W123", "box-17", ""]).text()
    for secret in ["S6Z1", "box-17", "UUID", "1652222012345", "/home/someone", run.id] {
      #expect(!text.contains(secret), "\(secret)")
    }
    #expect(text.contains("drive hidden of hidden"))
    #expect(text.contains("PCIe 4.0 x8"))
  }

  @Test func `a card of the network has no names and addresses`() throws {
    var run = BenchmarkRuns.empty()
    for (suite, limit) in [("network", 1.25e10), ("nfs", nil as Double?)] {
      var result = BenchmarkRuns.result(
        BenchmarkRuns.device(suite, "read-near", "enx001122334455"), 1e9)
      result.series.subject = "10.0.0.2:/export over enx001122334455 to 10.0.0.2"
      result.ceiling = BenchmarkCeiling([
        .init("link of the network", limit, "the interface enx001122334455 to 10.0.0.2")
      ])
      result.context = [
        "01:00.0 enx001122334455 mtuBytes": "9000", "01:00.0 enx001122334455 speed": "1",
        "01:00.0 driver": "ice",
      ]
      run.results.append(result)
    }
    let card = BenchmarkCard(run)
    let text = try card.text()
    for secret in ["10.0.0.2", "export", "enx"] { #expect(!text.contains(secret), "\(secret)") }
    #expect(card.figures.map(\.subject) == ["the network", "an NFS server"])
    #expect(
      card.figures.map(\.ceilingWhy) == [
        "link of the network", "unknown; a fact of the network is missing",
      ])
    #expect(card.figures[0].context == ["01:00.0 mtuBytes": "9000", "01:00.0 driver": "ice"])
  }

  @Test func `two runs of this machine over two networks are not compared`() throws {
    var run = BenchmarkRuns.empty()
    run.results = [BenchmarkRuns.result(BenchmarkRuns.device("network", "send-1-near", "x"), 1e9)]
    run.results[0].series.subject = "eth0 to 10.0.0.2"
    var other = run
    other.results[0].series.subject = "eth1 to 10.1.0.2"
    func rows(namesNetworks: Bool) -> Int {
      BenchmarkComparison(
        BenchmarkCard(run, namesNetworks: namesNetworks),
        BenchmarkCard(other, namesNetworks: namesNetworks)
      ).rows.count
    }
    #expect(rows(namesNetworks: true) == 0)
    #expect(rows(namesNetworks: false) == 1, "cards of two boxes have no names to compare")
  }

  @Test func `a card of another machine's run is not given away`() throws {
    var run = BenchmarkRuns.box()
    #expect(
      try BenchmarkCard.toGiveAway(run, hiding: ["x-1"]) == BenchmarkCard(run, hiding: ["x-1"]))
    run.trigger = .imported
    let failure = #expect(throws: Failure.self) { try BenchmarkCard.toGiveAway(run, hiding: []) }
    #expect(failure?.code == .conflict)
    #expect(failure?.reason.contains("imported") == true)
  }

  @Test func `samples that are no longer kept are not none`() throws {
    var run = BenchmarkRuns.empty()
    run.results = [BenchmarkRuns.result(BenchmarkRuns.device("gpu", "x", "y"), 1e9)]
    run.results[0].samples = [1e9]
    #expect(BenchmarkCard(run).figures[0].samples == 1)
    let column = try #require(BenchmarkCSV.columns.firstIndex(of: "samples"))
    func field() throws -> String {
      String(
        try BenchmarkCSV.records(run).split(separator: ",", omittingEmptySubsequences: false)[
          column])
    }
    #expect(try field() == "1")
    run.results[0].samples = []
    #expect(BenchmarkCard(run).figures[0].samples == nil)
    #expect(try field() == "")
    run.results[0].value = nil
    #expect(try field() == "0")
  }

  @Test(arguments: [
    (" ", "{\"", "{ \""),
    ("a key twice", "\"isQuick\":false", "\"isQuick\":true,\"isQuick\":false"),
    ("another key", "\"isQuick\":false", "\"isQuick\":false,\"isZ\":1"),
    ("a number in another form", "25400000000", "2.54e10"), ("another schema", "card/1", "card/2"),
    ("no JSON", "{\"figures\"", "\"figures\""),
  ])
  func `a text that tinyboxctl does not write is refused`(
    _ what: String, _ old: String, _ new: String
  ) throws {
    let text = try BenchmarkCard(BenchmarkRuns.box()).text()
    try #require(text.contains(old))
    #expect(throws: Failure.self, "\(what)") {
      try BenchmarkCard(text: Array(text.replacing(old, with: new).utf8))
    }
  }

  @Test func `strange numbers and names make a card that reads back`() throws {
    let card = BenchmarkCard(BenchmarkRuns.hostile())
    #expect(try BenchmarkCard(text: Array(card.text().utf8)) == card)
    #expect(card.figures.allSatisfy { $0.value.isFinite })
  }

  @Test(arguments: [
    (
      "Good \"tinybox-benchmark-card\" signature with ED25519 key SHA256:abc+/", nil as String?,
      CardSignature?.some(.init(keyType: "ED25519", fingerprint: "SHA256:abc+/", signer: nil))
    ),
    (
      "x\nGood \"tinybox-benchmark-card\" signature for a b with RSA key SHA256:q\n", "a b",
      .init(keyType: "RSA", fingerprint: "SHA256:q", signer: "a b")
    ),
    ("Good \"file\" signature with ED25519 key SHA256:abc", nil, nil),
    ("Good \"tinybox-benchmark-card\" signature for x with ED25519 key SHA256:a", "y", nil),
    ("Could not verify signature.", nil, nil), ("", nil, nil),
  ])
  func `the answer of ssh-keygen is read`(
    _ answer: String, _ signer: String?, _ expected: CardSignature?
  ) {
    #expect(CardSignature(answer: answer, signer: signer) == expected)
  }

  @Test func `the text says what a signature does not prove`() {
    let signature = CardSignature(keyType: "ED25519", fingerprint: "SHA256:a", signer: nil)
    #expect(signature.meaning.contains("does not prove that its figures are honest"))
    #expect(signature.meaning.contains("--allowed-signers"))
  }
}
