/*
 * A small LV2 host on lilv: marks 48 kHz stereo floats from standard input to standard output.
 *
 *     lv2-host TICKET|- SECONDS < in.f32 > out.f32
 *
 * The ticket travels through a saved and restored state, "-" leaves it to the environment. Prints the outputs at the
 * end.
 */
#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/state/state.h>
#include <lv2/urid/urid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *uris[64];

static LV2_URID map_uri(LV2_URID_Map_Handle handle, const char *uri) {
    (void)handle;
    LV2_URID id = 0;
    while (id < 63 && uris[id] != NULL && strcmp(uris[id], uri) != 0) id++;
    if (uris[id] == NULL) uris[id] = strdup(uri);
    return id + 1;
}

static const char *unmap_uri(LV2_URID_Unmap_Handle handle, LV2_URID id) {
    (void)handle;
    return uris[id - 1];
}

static char stored[4096];
static size_t stored_size;

static const void *retrieve(LV2_State_Handle handle, uint32_t key, size_t *size, uint32_t *type, uint32_t *flags) {
    (void)handle;
    if (strcmp(uris[key - 1], "urn:earmark:lv2#ticket") != 0) return NULL;
    *size = stored_size;
    *type = map_uri(NULL, LV2_ATOM__Path);
    *flags = LV2_STATE_IS_POD;
    return stored;
}

static LV2_State_Status store(
    LV2_State_Handle handle, uint32_t key, const void *value, size_t size, uint32_t type, uint32_t flags) {
    (void)handle;
    (void)flags;
    if (strcmp(uris[key - 1], "urn:earmark:lv2#ticket") != 0) return LV2_STATE_ERR_UNKNOWN;
    if (type != map_uri(NULL, LV2_ATOM__Path)) return LV2_STATE_ERR_UNKNOWN;
    if (size != stored_size || memcmp(value, stored, size) != 0) return LV2_STATE_ERR_UNKNOWN;
    *(int *)handle += 1;
    return LV2_STATE_SUCCESS;
}

#define NEED(condition)                                                  \
    do {                                                                 \
        if (!(condition)) {                                              \
            fprintf(stderr, "lv2-host: %d: %s\n", __LINE__, #condition); \
            return 1;                                                    \
        }                                                                \
    } while (0)

int main(int count, char **arguments) {
    NEED(count == 3);
    LilvWorld *world = lilv_world_new();
    lilv_world_load_all(world);
    LilvNode *uri = lilv_new_uri(world, "urn:earmark:lv2:stereo");
    const LilvPlugin *plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(world), uri);
    NEED(plugin != NULL);
    NEED(lilv_plugin_has_latency(plugin));

    LV2_URID_Map map = {NULL, map_uri};
    LV2_URID_Unmap unmap = {NULL, unmap_uri};
    LV2_Feature map_feature = {LV2_URID__map, &map}, unmap_feature = {LV2_URID__unmap, &unmap};
    const LV2_Feature *features[] = {&map_feature, &unmap_feature, NULL};
    LilvInstance *instance = lilv_plugin_instantiate(plugin, 48000, features);
    NEED(instance != NULL);

    float planes[2][777], controls[7] = {(float)atof(arguments[2]), 0, 0, -1, -1, -1, -1};
    for (uint32_t c = 0; c < 2; c++) {
        lilv_instance_connect_port(instance, c, planes[c]);
        lilv_instance_connect_port(instance, 2 + c, planes[c]);
    }
    for (uint32_t c = 0; c < 7; c++) lilv_instance_connect_port(instance, 4 + c, &controls[c]);
    NEED(lilv_plugin_get_num_ports(plugin) == 11);
    NEED(lilv_plugin_get_latency_port_index(plugin) == 10);

    const LV2_State_Interface *state = lilv_instance_get_extension_data(instance, LV2_STATE__interface);
    NEED(state != NULL);
    int saved = 0;
    if (strcmp(arguments[1], "-") != 0) {
        stored_size = strlen(arguments[1]) + 1;
        NEED(stored_size <= sizeof stored);
        memcpy(stored, arguments[1], stored_size);
        LV2_Handle handle = lilv_instance_get_handle(instance);
        NEED(state->restore(handle, retrieve, NULL, 0, features) == LV2_STATE_SUCCESS);
        NEED(state->save(handle, store, &saved, LV2_STATE_IS_POD, features) == LV2_STATE_SUCCESS);
        NEED(saved == 1);
    }
    lilv_instance_activate(instance);
    float frames[2 * 777];
    size_t read;
    while ((read = fread(frames, 2 * sizeof(float), 777, stdin)) > 0) {
        for (size_t i = 0; i < read; i++)
            for (int c = 0; c < 2; c++) planes[c][i] = frames[2 * i + c];
        lilv_instance_run(instance, (uint32_t)read);
        for (size_t i = 0; i < read; i++)
            for (int c = 0; c < 2; c++) frames[2 * i + c] = planes[c][i];
        fwrite(frames, 2 * sizeof(float), read, stdout);
    }
    fprintf(stderr, "marking %g marked %.3f status %g latency %g\n", controls[3], controls[4], controls[5],
            controls[6]);
    lilv_instance_deactivate(instance);
    lilv_instance_free(instance);
    lilv_node_free(uri);
    lilv_world_free(world);
    return 0;
}
