#include <lv2/atom/atom.h>
#include <lv2/core/lv2.h>
#include <lv2/state/state.h>
#include <lv2/urid/urid.h>
#include <string.h>

/* The property of a plugin's state that holds its ticket's path. */
#define EARMARK_LV2_TICKET "urn:earmark:lv2#ticket"

/* A host's feature, or null. */
static inline void *earmark_lv2_feature(const LV2_Feature *const *features, const char *uri) {
    for (; features != NULL && *features != NULL; features++)
        if (strcmp((*features)->URI, uri) == 0) return (*features)->data;
    return NULL;
}

static inline LV2_URID earmark_lv2_urid(const LV2_URID_Map *map, const char *uri) { return map->map(map->handle, uri); }

static inline const LV2_URID_Map *earmark_lv2_map(const LV2_Feature *const *features) {
    return (const LV2_URID_Map *)earmark_lv2_feature(features, LV2_URID__map);
}

/* Stores `path` in a plugin's state, in the form that the host wants paths in. */
static inline LV2_State_Status earmark_lv2_save(
    LV2_State_Store_Function store, LV2_State_Handle handle, const LV2_Feature *const *features,
    const LV2_URID_Map *map, const char *path) {
    const LV2_State_Map_Path *mapper = (const LV2_State_Map_Path *)earmark_lv2_feature(features, LV2_STATE__mapPath);
    const LV2_State_Free_Path *freer = (const LV2_State_Free_Path *)earmark_lv2_feature(features, LV2_STATE__freePath);
    char *shown = mapper != NULL ? mapper->abstract_path(mapper->handle, path) : NULL;
    const char *text = shown != NULL ? shown : path;
    LV2_State_Status status = store(
        handle, earmark_lv2_urid(map, EARMARK_LV2_TICKET), text, strlen(text) + 1,
        earmark_lv2_urid(map, LV2_ATOM__Path),
        LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
    if (shown != NULL && freer != NULL) freer->free_path(freer->handle, shown);
    return status;
}

/* Copies the path in a plugin's state to `path`; 0 if there is none, or it does not fit. */
static inline int earmark_lv2_restore(
    LV2_State_Retrieve_Function retrieve, LV2_State_Handle handle, const LV2_Feature *const *features,
    const LV2_URID_Map *map, char *path, size_t size) {
    size_t length = 0;
    uint32_t type = 0, flags = 0;
    const char *text =
        (const char *)retrieve(handle, earmark_lv2_urid(map, EARMARK_LV2_TICKET), &length, &type, &flags);
    if (text == NULL || type != earmark_lv2_urid(map, LV2_ATOM__Path)) return 0;
    if (length == 0 || text[length - 1] != '\0') return 0;
    const LV2_State_Map_Path *mapper = (const LV2_State_Map_Path *)earmark_lv2_feature(features, LV2_STATE__mapPath);
    const LV2_State_Free_Path *freer = (const LV2_State_Free_Path *)earmark_lv2_feature(features, LV2_STATE__freePath);
    char *real = mapper != NULL ? mapper->absolute_path(mapper->handle, text) : NULL;
    const char *found = real != NULL ? real : text;
    int fits = strlen(found) < size;
    if (fits) memcpy(path, found, strlen(found) + 1);
    if (real != NULL && freer != NULL) freer->free_path(freer->handle, real);
    return fits;
}

static inline int earmark_lv2_is_state(const char *uri) { return strcmp(uri, LV2_STATE__interface) == 0; }
