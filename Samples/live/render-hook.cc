// A render hook for WebRTC's audio processing module, and a small loop that calls it as the module does.
//
//     c++ -std=c++17 render-hook.cc -o render-hook $(pkg-config --cflags --libs earmark)
//     ./render-hook ada.ticket < in.f32 > out.f32
//
// In a client, RenderHook derives from webrtc::CustomProcessing and is handed to
// AudioProcessingBuilder::SetRenderPreProcessing. That place matters: the module calls it on what is about to be played
// and before the echo canceller takes its reference, so that the canceller knows the mark and removes it with the rest.

#include <earmark.h>

#include <cstdio>
#include <vector>

// What is used of webrtc::AudioBuffer: 10 ms of planar floats in the range of 16-bit samples.
class AudioBuffer {
public:
    AudioBuffer(size_t channels, size_t frames) : frames_(frames), samples_(channels, std::vector<float>(frames)) {
        for (auto &plane : samples_) planes_.push_back(plane.data());
    }
    size_t num_channels() const { return samples_.size(); }
    size_t num_frames() const { return frames_; }
    float *const *channels() { return planes_.data(); }

private:
    size_t frames_;
    std::vector<std::vector<float>> samples_;
    std::vector<float *> planes_;
};

class RenderHook /* : public webrtc::CustomProcessing */ {
public:
    RenderHook(const char *ticket, double meeting_time) : ticket_(ticket), meeting_time_(meeting_time) {}
    ~RenderHook() { earmark_destroy(embedder_); }
    RenderHook(const RenderHook &) = delete;
    RenderHook &operator=(const RenderHook &) = delete;

    // Called before the first block and whenever the device's format changes, outside the audio thread.
    void Initialize(int sample_rate_hz, int num_channels) {
        // The meeting has gone on meanwhile: take its time over from the old embedder.
        if (embedder_ != nullptr) meeting_time_ = earmark_get_time(embedder_);
        earmark_destroy(embedder_);
        earmark_config config = EARMARK_CONFIG_INIT;
        config.sample_rate = sample_rate_hz;
        config.channels = static_cast<uint32_t>(num_channels);
        config.time = meeting_time_;
        earmark_status status = earmark_create_from_file(&embedder_, ticket_, &config);
        if (status != EARMARK_OK) {
            std::fprintf(stderr, "render-hook: NOT MARKED: %s\n", earmark_status_message(status));
        }
    }

    // Called with 10 ms of what is about to be played, on the audio thread.
    void Process(AudioBuffer *audio) {
        if (embedder_ == nullptr) return;
        for (size_t channel = 0; channel < audio->num_channels(); channel++) {
            for (size_t i = 0; i < audio->num_frames(); i++) audio->channels()[channel][i] *= 1 / 32768.0f;
        }
        earmark_process_float_planar(embedder_, audio->channels(), audio->num_frames());
        for (size_t channel = 0; channel < audio->num_channels(); channel++) {
            for (size_t i = 0; i < audio->num_frames(); i++) audio->channels()[channel][i] *= 32768.0f;
        }
    }

    // From signalling, when the server says how far the meeting is.
    void SetMeetingTime(double seconds) {
        if (earmark_set_time(embedder_, seconds) != EARMARK_OK) std::fprintf(stderr, "render-hook: time refused\n");
    }

private:
    const char *ticket_;
    double meeting_time_;
    earmark_embedder *embedder_ = nullptr;
};

int main(int count, char **arguments) {
    if (count < 2) {
        std::fprintf(stderr, "usage: render-hook TICKET < 48 kHz mono f32le > the same, marked from second 754.25\n");
        return 64;
    }
    RenderHook hook(arguments[1], 0);
    hook.Initialize(48000, 1);
    hook.SetMeetingTime(754.25);
    AudioBuffer audio(1, 480);
    float *samples = audio.channels()[0];
    while (std::fread(samples, sizeof(float), 480, stdin) == 480) {
        for (size_t i = 0; i < 480; i++) samples[i] *= 32768.0f;
        hook.Process(&audio);
        for (size_t i = 0; i < 480; i++) samples[i] *= 1 / 32768.0f;
        std::fwrite(samples, sizeof(float), 480, stdout);
    }
    return 0;
}
