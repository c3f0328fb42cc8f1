"""The addresses of the rules."""

from django.urls import path

from revops.web.views.rules import decisions, drafting, register, rule, setting_up, versions

urlpatterns = [
    path("rules/", register.rules_page, name="rules"),
    path("rules/set-up/", setting_up.set_up_page, name="rules-set-up"),
    path("rules/versions/<int:pk>/", versions.version_page, name="rule-version"),
    path("rules/versions/<int:pk>/activate/", versions.activate, name="rule-activate"),
    path("rules/versions/<int:pk>/impact/", versions.impact, name="rule-impact"),
    path("rules/versions/<int:pk>/impact.csv", versions.impact_file, name="rule-impact-file"),
    path("rules/versions/<int:pk>/retire/", versions.retire, name="rule-retire"),
    path("rules/decisions/<int:pk>/", decisions.decision_page, name="rule-decision"),
    path("rules/<str:key>/", rule.rule_page, name="rule"),
    path("rules/<str:key>/draft/", drafting.draft_page, name="rule-draft"),
    path("rules/<str:key>/condition/", drafting.condition, name="rule-condition"),
    path("rules/<str:key>/compare/", rule.compare_page, name="rule-compare"),
]
