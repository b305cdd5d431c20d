{{/* What the manifests have in common. */}}

{{- define "docuvault.labels" -}}
app.kubernetes.io/name: docuvault
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "docuvault.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{- define "docuvault.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
# Makes the secret's files readable for the program, and for nobody else.
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "docuvault.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "docuvault.env" -}}
- {name: DOCUVAULT_ADDR, value: "0.0.0.0:8080"}
- {name: DOCUVAULT_MANAGEMENT_ADDR, value: "0.0.0.0:9464"}
- {name: DOCUVAULT_PUBLIC_URL, value: {{ .Values.publicUrl | quote }}}
- {name: DOCUVAULT_TRUSTED_PROXIES, value: {{ .Values.trustedProxies | quote }}}
- {name: DOCUVAULT_DRAIN_SECONDS, value: {{ .Values.drainSeconds | quote }}}
- {name: DOCUVAULT_LOG_FORMAT, value: json}
- {name: DATABASE_URL_FILE, value: /run/docuvault/database-url}
- {name: DOCUVAULT_SETUP_TOKEN_FILE, value: /run/docuvault/setup-token}
- {name: DOCUVAULT_S3_ENDPOINT, value: {{ .Values.s3.endpoint | quote }}}
- {name: DOCUVAULT_S3_PUBLIC_ENDPOINT, value: {{ .Values.s3.publicEndpoint | default .Values.s3.endpoint | quote }}}
- {name: DOCUVAULT_S3_REGION, value: {{ .Values.s3.region | quote }}}
- {name: DOCUVAULT_S3_BUCKET, value: {{ .Values.s3.bucket | quote }}}
- {name: DOCUVAULT_S3_ACCESS_KEY_FILE, value: /run/docuvault/s3-access-key}
- {name: DOCUVAULT_S3_SECRET_KEY_FILE, value: /run/docuvault/s3-secret-key}
{{- if .Values.smtp }}
- {name: DOCUVAULT_SMTP_URL_FILE, value: /run/docuvault/smtp-url}
{{- end }}
{{- range $name, $value := .Values.settings }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{/* One role: {root, role, values}. */}}
{{- define "docuvault.deployment" -}}
{{- $listens := ne .role "worker" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .root.Release.Name }}-{{ .role }}
  labels:
    {{- include "docuvault.labels" . | nindent 4 }}
spec:
  {{- if not (and (eq .role "api") .root.Values.api.autoscaling.enabled) }}
  replicas: {{ .values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "docuvault.labels" . | nindent 6 }}
  strategy:
    type: RollingUpdate
    # Never one fewer than wanted: a new process is ready before an old one is told to stop.
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  template:
    metadata:
      labels:
        {{- include "docuvault.labels" . | nindent 8 }}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "9464"
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with .root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "docuvault.podSecurity" . | nindent 8 }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "docuvault.labels" . | nindent 14 }}
      # Draining, and the 30 seconds that what runs may take.
      terminationGracePeriodSeconds: {{ add .root.Values.drainSeconds 45 }}
      containers:
        - name: {{ .role }}
          image: {{ include "docuvault.image" .root | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: [{{ .role }}]
          securityContext:
            {{- include "docuvault.containerSecurity" . | nindent 12 }}
          env:
            {{- include "docuvault.env" .root | nindent 12 }}
          ports:
            {{- if $listens }}
            - {name: http, containerPort: 8080}
            {{- end }}
            - {name: management, containerPort: 9464}
          startupProbe:
            httpGet: {path: /health/live, port: management}
            periodSeconds: 2
            failureThreshold: 60
          readinessProbe:
            httpGet: {path: /health/ready, port: management}
            periodSeconds: 3
            timeoutSeconds: 4
            failureThreshold: 1
          # Stays well when database or store are away: a restart would not bring them back.
          livenessProbe:
            httpGet: {path: /health/live, port: management}
            periodSeconds: 10
            timeoutSeconds: 5
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            - {name: scratch, mountPath: /tmp, subPath: tmp}
            - {name: scratch, mountPath: /var/lib/docuvault, subPath: data}
            - {name: keys, mountPath: /var/lib/docuvault/secrets, readOnly: true}
            - {name: secret, mountPath: /run/docuvault, readOnly: true}
      volumes:
        - name: scratch
          emptyDir: {sizeLimit: {{ .values.scratch | default "256Mi" }}}
        - name: keys
          secret:
            secretName: {{ .root.Values.secret }}
            defaultMode: 0440
            items:
              - {key: master.key, path: master.key}
              - {key: access-token.key, path: access-token.key}
              - {key: signing.key, path: signing.key}
        - name: secret
          secret:
            secretName: {{ .root.Values.secret }}
            defaultMode: 0440
            items:
              - {key: database-url, path: database-url}
              - {key: s3-access-key, path: s3-access-key}
              - {key: s3-secret-key, path: s3-secret-key}
              - {key: setup-token, path: setup-token}
              {{- if .root.Values.smtp }}
              - {key: smtp-url, path: smtp-url}
              {{- end }}
{{- end }}
