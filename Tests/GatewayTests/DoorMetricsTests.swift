import Testing

@testable import Gateway

@Suite struct DoorMetricsTests {
  @Test func `tokens of a long answer are counted as they come, and once`() {
    let metrics = DoorMetrics()
    var record = DoorMetrics.Record(model: "llama")
    func tokens() -> Bool {
      metrics.text([], isOpenMetrics: false).contains(
        "tinybox_model_tokens_total{model=\"llama\"} \(record.tokens)\n")
    }
    record.tokens = 70
    record.gaps = [Double](repeating: 0.01, count: 69)
    metrics.addProgress(of: &record, now: 5)
    #expect(tokens() && record.gaps.isEmpty && record.counted == 5)
    record.tokens = 75
    record.gaps = [0.01]
    metrics.add(record)
    #expect(tokens())
    let text = metrics.text([], isOpenMetrics: false)
    #expect(text.contains("tinybox_model_requests_total{model=\"llama\"} 1\n"))
    #expect(text.contains("tinybox_model_token_gap_seconds_count{model=\"llama\"} 70\n"))
  }
}
