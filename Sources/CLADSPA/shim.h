#include <ladspa.h>

/* Port descriptors and hints, whose macros do not arrive in Swift. */
static const LADSPA_PortDescriptor earmark_audio_in = LADSPA_PORT_AUDIO | LADSPA_PORT_INPUT;
static const LADSPA_PortDescriptor earmark_audio_out = LADSPA_PORT_AUDIO | LADSPA_PORT_OUTPUT;
static const LADSPA_PortDescriptor earmark_control_in = LADSPA_PORT_CONTROL | LADSPA_PORT_INPUT;
static const LADSPA_PortDescriptor earmark_control_out = LADSPA_PORT_CONTROL | LADSPA_PORT_OUTPUT;
static const LADSPA_PortRangeHintDescriptor earmark_hint_toggle_on = LADSPA_HINT_TOGGLED | LADSPA_HINT_DEFAULT_1;
static const LADSPA_PortRangeHintDescriptor earmark_hint_toggle = LADSPA_HINT_TOGGLED;
static const LADSPA_PortRangeHintDescriptor earmark_hint_integer =
    LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE | LADSPA_HINT_INTEGER | LADSPA_HINT_DEFAULT_0;
static const LADSPA_PortRangeHintDescriptor earmark_hint_number =
    LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE | LADSPA_HINT_DEFAULT_0;
static const LADSPA_PortRangeHintDescriptor earmark_hint_positive = LADSPA_HINT_BOUNDED_BELOW;
